import { Controller, Get, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '../docs/notes.js';
import type { FastifyReply } from 'fastify';
import { RequiresScope } from '../auth/scope.decorator.js';
import { SseStream } from '../jobs/sse-stream.js';
import { LiveFeed } from './live-feed.js';

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
      'For lists and counters. `counts`: how many jobs there are of each status, first at once. `jobs`: `{items, more}`, jobs that changed, without payload and ' +
      'result; with `more`, others changed as well: read the list again. After a broken connection read the lists again too.',
  })
  async follow(@Res() reply: FastifyReply): Promise<void> {
    const stream = new SseStream(reply);
    this.#streams.add(stream);
    let sending = Promise.resolve();
    const leave = this.feed.listen((message) => {
      sending = sending.then(() => stream.send(message));
    });
    await new Promise<void>((resolve) => stream.closed.addEventListener('abort', () => resolve()));
    leave();
    this.#streams.delete(stream);
  }

  /** A gateway that goes ends its streams; clients come back to another one. */
  onModuleDestroy(): void {
    for (const stream of this.#streams) stream.end();
  }
}
