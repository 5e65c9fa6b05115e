import { Controller, Get, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '../docs/notes.js';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import { SseStream } from '../jobs/sse-stream.js';
import { LiveFeed } from './live-feed.js';
import { Mailbox } from './mailbox.js';

@ApiTags('jobs')
@Controller('v1/events')
export class LiveController implements OnModuleDestroy {
  readonly #streams = new Set<SseStream>();

  constructor(private readonly feed: LiveFeed) {}

  @Get()
  @RequiresScope('read')
  @ApiProduces('text/event-stream')
  @ApiOperation({
    summary: 'Follow everything',
    description:
      'For pages that show what is, without asking again. First, and whenever it is another: `counts`, `queues`, `workers`, `schedules`, `health` and `audit`, each ' +
      'as a whole. As it comes: `jobs`, those that changed; with `more`, others changed as well: read the list again. A client that is slow hears of each kind the ' +
      'latest. After a broken connection all is told anew, but for jobs: read their lists again. While a part cannot be looked at, nothing is told of it; `health` says why.',
  })
  async follow(@Res() reply: FastifyReply): Promise<void> {
    const stream = new SseStream(reply);
    this.#streams.add(stream);
    const mailbox = new Mailbox((message) => stream.send(message));
    const leave = this.feed.listen((message) => mailbox.put(message));
    await new Promise<void>((resolve) => stream.closed.addEventListener('abort', () => resolve()));
    leave();
    this.#streams.delete(stream);
  }

  /** A gateway that goes ends its streams; clients come back to another one. */
  onModuleDestroy(): void {
    for (const stream of this.#streams) stream.end();
  }
}
