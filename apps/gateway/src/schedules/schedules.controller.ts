import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '../docs/notes.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { changedFields } from '../audit/changed-fields.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { idempotencyKey, IdempotentRequests } from '../jobs/idempotent-requests.js';
import { jobView, type JobView } from '../jobs/job-view.js';
import { cursorOf, parsePreviewQuery, parseScheduleQuery } from './schedule-query.js';
import { nextRuns, scheduleView, type ScheduleView } from './schedule-view.js';
import { SchedulesService } from './schedules.service.js';

@ApiTags('schedules')
@Controller('v1/schedules')
export class SchedulesController {
  constructor(
    private readonly schedules: SchedulesService,
    private readonly requests: IdempotentRequests,
    private readonly audit: AuditTrail,
  ) {}

  @Post()
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Make a schedule',
    description: 'Each tick of its cron makes one job, however many gateways run.',
  })
  async create(
    @Body() body: unknown,
    @Caller() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduleView> {
    const schedule = await this.schedules.create(body);
    const { name, type, cron, timezone } = schedule;
    await this.audit.note(who, 'schedule.create', schedule.id, { name, type, cron, timezone });
    void reply.header('location', `/v1/schedules/${schedule.id}`);
    return scheduleView(schedule);
  }

  @Get()
  @RequiresScope('read')
  @ApiOperation({ summary: 'List schedules, by name' })
  @ApiQuery({ name: 'cursor', required: false, description: 'The `nextCursor` of the page before' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  })
  async list(
    @Query() query: Record<string, unknown>,
  ): Promise<{ items: ScheduleView[]; nextCursor?: string }> {
    const { limit, ...rest } = parseScheduleQuery(query);
    const found = await this.schedules.list({ ...rest, limit: limit + 1 });
    const items = found.slice(0, limit).map(scheduleView);
    return found.length > limit ? { items, nextCursor: cursorOf(items.at(-1)!.name) } : { items };
  }

  @Get('preview')
  @RequiresScope('read')
  @ApiOperation({ summary: 'The next five runs of a cron expression' })
  @ApiQuery({ name: 'cron', example: '30 2 * * MON-FRI' })
  @ApiQuery({ name: 'timezone', required: false, example: 'Europe/Berlin', description: 'Default: UTC' })
  preview(@Query() query: Record<string, unknown>): { nextRuns: string[] } {
    return { nextRuns: nextRuns(parsePreviewQuery(query), Date.now()) };
  }

  @Get(':id')
  @RequiresScope('read')
  @ApiOperation({ summary: 'Read a schedule' })
  async get(@Param('id') id: string): Promise<ScheduleView> {
    return scheduleView(await this.schedules.get(id));
  }

  @Patch(':id')
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Change a schedule',
    description: 'The fields that are given; `payload` and `options` as a whole. It then runs from now on.',
  })
  async edit(@Param('id') id: string, @Body() body: unknown, @Caller() who: string): Promise<ScheduleView> {
    const { updatedAt: _before, nextRunAt: _next, ...before } = await this.schedules.get(id);
    const schedule = await this.schedules.edit(id, body);
    const { updatedAt: _after, nextRunAt: _then, ...after } = schedule;
    const fields = changedFields(before, after);
    await this.audit.note(who, 'schedule.edit', id, { name: schedule.name, fields });
    return scheduleView(schedule);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Remove a schedule', description: 'The jobs that it made stay.' })
  async remove(@Param('id') id: string, @Caller() who: string): Promise<void> {
    const { name } = await this.schedules.get(id);
    await this.schedules.remove(id);
    await this.audit.note(who, 'schedule.delete', id, { name });
  }

  @Post(':id/pause')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Pause a schedule', description: 'It makes no jobs until it is resumed.' })
  pause(@Param('id') id: string, @Caller() who: string): Promise<ScheduleView> {
    return this.#setPaused(id, true, who);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Resume a schedule',
    description: 'From now on: ticks while it was paused are none.',
  })
  resume(@Param('id') id: string, @Caller() who: string): Promise<ScheduleView> {
    return this.#setPaused(id, false, who);
  }

  @Post(':id/run')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Run a schedule now', description: 'One more job; its ticks go on as before.' })
  @ApiHeader(idempotencyKey)
  async run(
    @Param('id') id: string,
    @Caller() who: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const [job] = await this.requests.once(request, { id }, async (key) => {
      const made = await this.schedules.run(id, key);
      await this.audit.note(who, 'schedule.run', id, { jobId: made.id });
      return [made];
    });
    void reply.header('location', `/v1/jobs/${job!.id}`);
    return jobView(job!);
  }

  async #setPaused(id: string, paused: boolean, who: string): Promise<ScheduleView> {
    const schedule = await this.schedules.setPaused(id, paused);
    await this.audit.note(who, paused ? 'schedule.pause' : 'schedule.resume', id, { name: schedule.name });
    return scheduleView(schedule);
  }
}
