import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '../docs/notes.js';
import { type JobStatus, jobStatuses } from '@heavylift/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AuditTrail } from '../audit/audit-trail.js';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { DeadLettersService } from '../dead-letters/dead-letters.service.js';
import { idempotencyKey, IdempotentRequests } from './idempotent-requests.js';
import type { Waiting } from './cause-of-waiting.js';
import { logView, type LogView } from './log-view.js';
import { parseJobQuery } from './job-query.js';
import { eventView, type EventView, jobView, type JobView } from './job-view.js';
import { JobWhy } from './job-why.js';
import { JobsService } from './jobs.service.js';
import { parseBatch } from './submit-job.js';

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly requests: IdempotentRequests,
    private readonly letters: DeadLettersService,
    private readonly whys: JobWhy,
    private readonly audit: AuditTrail,
  ) {}

  @Post()
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Submit a job',
    description: 'Answered once the job is stored; from then on it reaches exactly one final status.',
  })
  @ApiHeader(idempotencyKey)
  async submit(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const [job] = await this.requests.once(request, body, async (key) => [await this.jobs.submit(body, key)]);
    void reply.header('location', `/v1/jobs/${job!.id}`);
    return jobView(job!);
  }

  @Post('batch')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({ summary: 'Submit up to 1,000 jobs', description: 'All are accepted, or none.' })
  @ApiHeader(idempotencyKey)
  async submitBatch(@Body() body: unknown, @Req() request: FastifyRequest): Promise<{ items: JobView[] }> {
    const jobs = await this.requests.once(request, body, (key) => this.jobs.submitAll(parseBatch(body), key));
    return { items: jobs.map(jobView) };
  }

  @Get()
  @RequiresScope('read')
  @ApiOperation({ summary: 'List jobs, newest first' })
  @ApiQuery({ name: 'status', required: false, enum: jobStatuses })
  @ApiQuery({ name: 'type', required: false })
  @ApiQuery({ name: 'cause', required: false, description: 'Only dead letters of this cause' })
  @ApiQuery({ name: 'scheduleId', required: false, description: 'Only jobs that this schedule made' })
  @ApiQuery({
    name: 'id',
    required: false,
    description: 'Only jobs whose ids begin so, of 8 characters or more',
  })
  @ApiQuery({ name: 'cursor', required: false, description: 'The `nextCursor` of the page before' })
  @ApiQuery({
    name: 'limit',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  })
  async list(@Query() query: Record<string, unknown>): Promise<{ items: JobView[]; nextCursor?: string }> {
    const { limit, ...filter } = parseJobQuery(query);
    const found = await this.jobs.list({ ...filter, limit: limit + 1 });
    const items = found.slice(0, limit).map(jobView);
    return found.length > limit ? { items, nextCursor: items.at(-1)!.id } : { items };
  }

  @Get(':id')
  @RequiresScope('read')
  @ApiOperation({ summary: 'Read a job' })
  async get(@Param('id') id: string): Promise<JobView> {
    return jobView(await this.jobs.get(id));
  }

  @Get(':id/why')
  @RequiresScope('read')
  @ApiOperation({
    summary: 'Why a job is not running',
    description: 'The one cause, and what would unblock it.',
  })
  async why(@Param('id') id: string): Promise<Waiting & { jobId: string; status: JobStatus }> {
    const job = await this.jobs.get(id);
    return { jobId: job.id, status: job.status, ...(await this.whys.of(job)) };
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Cancel a job',
    description: 'Queued, it never starts; running, it is stopped. Final at once: no later outcome counts.',
  })
  async cancel(@Param('id') id: string, @Caller() who: string): Promise<JobView> {
    const job = await this.jobs.cancel(id);
    await this.audit.note(who, 'job.cancel', id);
    return jobView(job);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @RequiresScope('write')
  @ApiOperation({
    summary: 'Let a failed or cancelled job run anew',
    description: 'As its next attempt, with as many attempts as its job type allows.',
  })
  async retry(@Param('id') id: string, @Caller() who: string): Promise<JobView> {
    const job = await this.letters.retry(id);
    await this.audit.note(who, 'job.retry', id);
    return jobView(job);
  }

  @Get(':id/logs')
  @RequiresScope('read')
  @ApiOperation({
    summary: 'What the handlers of a job wrote',
    description: 'Its newest 1,000 lines, those of all attempts together, oldest first.',
  })
  async logs(@Param('id') id: string): Promise<LogView> {
    await this.jobs.get(id);
    return logView(await this.jobs.logs(id));
  }

  @Get(':id/history')
  @RequiresScope('read')
  @ApiOperation({ summary: 'Everything that happened to a job' })
  async history(@Param('id') id: string): Promise<{ items: EventView[] }> {
    await this.jobs.get(id);
    const items: EventView[] = [];
    for await (const event of this.jobs.history(id)) items.push(eventView(event));
    return { items };
  }
}
