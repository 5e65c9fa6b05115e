import { isFinal } from '@heavylift/core';
import { Controller, Get, Headers, type OnModuleDestroy, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiTags } from '../docs/notes.js';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import { JobChanges } from './job-changes.js';
import { liveEventView } from './job-view.js';
import { logPartView } from './log-view.js';
import { JobsService } from './jobs.service.js';
import { SseStream } from './sse-stream.js';

/** How soon an event that another gateway recorded is seen here. */
const lookAgainMs = 500;

/** What a client wants to hear: events after this number, and lines of logs if it asks for them. */
interface Wish {
  readonly after: number;
  readonly withLogs: boolean;
}

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobEventsController implements OnModuleDestroy {
  readonly #streams = new Set<SseStream>();

  constructor(
    private readonly jobs: JobsService,
    private readonly changes: JobChanges,
  ) {}

  @Get(':id/events')
  @RequiresScope('read')
  @ApiProduces('text/event-stream')
  @ApiQuery({ name: 'logs', required: false, enum: ['true', 'false'] })
  @ApiOperation({
    summary: 'Follow a job',
    description:
      "The job's events so far, then live, until its end, which is an event `end`. Resumes after `Last-Event-ID`. " +
      'With `logs=true` also, without an id, `logged`: the lines that are written from now on.',
  })
  async follow(
    @Param('id') id: string,
    @Headers('last-event-id') lastId: string | undefined,
    @Query('logs') logs: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.jobs.get(id);
    const stream = new SseStream(reply);
    this.#streams.add(stream);
    try {
      await this.tell(id, { after: eventNumber(lastId), withLogs: logs === 'true' }, stream);
    } finally {
      this.#streams.delete(stream);
      stream.end();
    }
  }

  /** A gateway that goes ends its streams; clients come back to another one, with `Last-Event-ID`. */
  onModuleDestroy(): void {
    for (const stream of this.#streams) stream.end();
  }

  private async tell(id: string, { after, withLogs }: Wish, stream: SseStream): Promise<void> {
    let last = after;
    let lastLog = withLogs ? await this.jobs.lastLog(id) : 0;
    while (!stream.closed.aborted) {
      // Asked before the events are read, so that none that comes meanwhile is slept over.
      const change = this.changes.next(id, lookAgainMs, stream.closed);
      const job = await this.jobs.get(id);
      for await (const event of this.jobs.history(id, last)) {
        await stream.send({
          id: event.seq,
          event: event.late ? 'late' : event.kind,
          data: liveEventView(event, job),
        });
        last = event.seq;
      }
      if (withLogs) lastLog = await this.tellLogs(id, lastLog, stream);
      if (isFinal(job.status)) return stream.send({ event: 'end', data: { status: job.status } });
      await change;
    }
  }
  /** Without an id, so that the place in the history stays where it is. */
  private async tellLogs(id: string, after: number, stream: SseStream): Promise<number> {
    let last = after;
    for (const batch of (await this.jobs.logs(id, after)).toSorted((one, other) => one.seq - other.seq)) {
      await stream.send({ event: 'logged', data: logPartView(batch) });
      last = batch.seq;
    }
    return last;
  }
}

/** From the start when the client knows none, or says something else. */
function eventNumber(lastId: string | undefined): number {
  return /^\d{1,9}$/.test(lastId ?? '') ? Number(lastId) : 0;
}
