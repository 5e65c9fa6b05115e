import { isFinal, type JobState } from '@heavylift/core';
import { Controller, Get, Headers, type OnModuleDestroy, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiQuery, ApiTags } from '../docs/notes.js';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import { type JobFollower, JobFollowers } from './job-followers.js';
import { eventView, liveEventView } from './job-view.js';
import { logPartView } from './log-view.js';
import { JobsService } from './jobs.service.js';
import type { StoredEvent } from '../store/index.js';
import { type SseMessage, SseStream } from './sse-stream.js';

interface Telling {
  readonly id: string;
  readonly follower: JobFollower;
  readonly first: Awaited<ReturnType<JobFollower['next']>>;
  /** After which lines of logs are told; undefined when they are not. */
  readonly lastLog: number | undefined;
}

@ApiTags('jobs')
@Controller('v1/jobs')
export class JobEventsController implements OnModuleDestroy {
  readonly #streams = new Set<SseStream>();

  constructor(
    private readonly jobs: JobsService,
    private readonly followers: JobFollowers,
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
    const withLogs = logs === 'true';
    const follower = this.followers.follow({ jobId: id, after: eventNumber(lastId) }, { withLogs });
    try {
      const first = await follower.next();
      const lastLog = withLogs ? await this.jobs.lastLog(id) : undefined;
      await this.answer(reply, { id, follower, first, lastLog });
    } finally {
      follower.leave();
    }
  }

  /** A gateway that goes ends its streams; clients come back to another one, with `Last-Event-ID`. */
  onModuleDestroy(): void {
    for (const stream of this.#streams) stream.end();
  }

  /** From here on the job is known to be there. */
  private async answer(reply: FastifyReply, telling: Telling): Promise<void> {
    const stream = new SseStream(reply);
    this.#streams.add(stream);
    stream.closed.addEventListener('abort', () => telling.follower.leave());
    try {
      await this.tell(telling, stream);
    } finally {
      this.#streams.delete(stream);
      stream.end();
    }
  }

  private async tell({ id, follower, first, lastLog }: Telling, stream: SseStream): Promise<void> {
    let last = lastLog;
    for (let news = first; news && !stream.closed.aborted; news = await follower.next()) {
      const { events, job } = news;
      await stream.send(...events.map((event) => messageOf(event, job)));
      if (last !== undefined) last = await this.tellLogs(id, last, stream);
      if (job && isFinal(job.status)) return stream.end({ event: 'end', data: { status: job.status } });
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

function messageOf(event: StoredEvent, job: JobState | undefined): SseMessage {
  return {
    id: event.seq,
    event: event.late ? 'late' : event.kind,
    data: job ? liveEventView(event, job) : eventView(event),
  };
}

/** From the start when the client knows none, or says something else. */
function eventNumber(lastId: string | undefined): number {
  return /^\d{1,9}$/.test(lastId ?? '') ? Number(lastId) : 0;
}
