import { afterAll } from '@jest/globals';
import { describeTransport, type SkippedCase } from '@heavylift/transport-conformance';
import { EmbeddedTransport } from './embedded-transport.js';
import { EmbeddedHub } from './hub.js';

const hub = new EmbeddedHub();
afterAll(() => hub.close());

describeTransport({
  name: 'embedded',
  create: async () => new EmbeddedTransport(hub),
  dedupes: true,
  skip: [
    ...skipped('one process holds the memory and its clients: no holder dies alone', [
      "passes a dead holder's job on as the same attempt, once suspected",
      'counts a death against no job but the one in hand',
      'counts a death against no job of its other queues',
      'counts every death of a job that kills its holder',
      'adds a death to those that a released job bears, and forgets them with a retry',
      'tells a holder that its lease is lost',
      'lets a holder that lost its lease change nothing any more',
      "gives a dead member's batch to another",
      'says so when the broker cannot be used',
      'closes although the broker cannot be reached',
      'says that nothing comes in once the broker is out of reach',
    ]),
    ...skipped('there is no connection that could drop', [
      'goes on working after a dropped connection',
      'goes on working on several queues after a dropped connection',
      'loses no job that was in hand when the connection dropped',
      'goes on listening to events after a dropped connection',
      'goes on listening to signals after a dropped connection',
      'says that all comes in again after a dropped connection',
    ]),
    ...skipped(
      'the memory ends with its process, and its keeper with it: whoever stored the job sends it again',
      [
        'keeps over a restart what waits, is delayed, is dead or was published',
        'goes on by itself after a restart, and loses nothing sent meanwhile',
        'finishes a job that was in hand over a restart',
      ],
    ),
  ],
});

function skipped(reason: string, cases: readonly string[]): readonly SkippedCase[] {
  return cases.map((sentence) => ({ case: sentence, reason }));
}
