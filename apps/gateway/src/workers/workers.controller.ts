import type { Steering } from '@heavylift/core';
import { Body, Controller, Get, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '../docs/notes.js';
import { IsInt, Max, Min } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Caller } from '../auth/caller.decorator.js';
import { RequiresScope } from '../auth/scope.decorator.js';
import { checkBody } from '../check-body.js';
import { workerView, type WorkerView } from './worker-view.js';
import { WorkersService } from './workers.service.js';

class Concurrency {
  /** Jobs at a time. */
  @IsInt()
  @Min(1)
  @Max(1_000)
  concurrency!: number;
}

const concurrencyBody = {
  schema: {
    type: 'object',
    required: ['concurrency'],
    additionalProperties: false,
    properties: { concurrency: { type: 'integer', minimum: 1, maximum: 1_000 } },
  },
  examples: { four: { summary: 'Four jobs at a time', value: { concurrency: 4 } } },
} as const;

const followed =
  'Answered 200 once the worker says that it follows; 202 when it did not say so within two seconds.';

@ApiTags('workers')
@Controller('v1/workers')
export class WorkersController {
  constructor(private readonly workers: WorkersService) {}

  @Get()
  @RequiresScope('read')
  @ApiOperation({
    summary: 'List workers',
    description:
      'Who is there and what each runs, by what they say every five seconds. One that is silent for 25 seconds is `lost`, and shown for a day; one that ended is `stopped`, and shown for an hour.',
  })
  async list(): Promise<{ items: WorkerView[] }> {
    return { items: (await this.workers.list()).map(workerView) };
  }

  @Post(':id/drain')
  @HttpCode(200)
  @RequiresScope('admin')
  @ApiOperation({
    summary: 'Drain a worker',
    description: `It takes no more jobs, finishes what runs, and stays there until it is resumed. ${followed}`,
  })
  drain(
    @Param('id') id: string,
    @Caller() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkerView> {
    return this.steer(id, { do: 'drain' }, who, reply);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequiresScope('admin')
  @ApiOperation({ summary: 'Let a drained worker take jobs again', description: followed })
  resume(
    @Param('id') id: string,
    @Caller() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkerView> {
    return this.steer(id, { do: 'resume' }, who, reply);
  }

  @Put(':id/concurrency')
  @RequiresScope('admin')
  @ApiOperation({
    summary: 'Change how many jobs a worker runs at a time',
    description: `Until it ends: the next one begins with its setting. What runs goes on. ${followed}`,
  })
  @ApiBody(concurrencyBody as never)
  resize(
    @Param('id') id: string,
    @Body() body: unknown,
    @Caller() who: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkerView> {
    const { concurrency } = checkBody(Concurrency, body);
    return this.steer(id, { do: 'resize', concurrency }, who, reply);
  }

  private async steer(id: string, to: Steering, who: string, reply: FastifyReply): Promise<WorkerView> {
    const { worker, followed } = await this.workers.steer(id, to, who);
    if (!followed) void reply.status(202);
    return workerView(worker);
  }
}
