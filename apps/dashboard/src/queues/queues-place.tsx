import type { JSX } from 'preact';
import { listQueues } from '../api/queues.js';
import { unannouncedMs } from '../live/unannounced.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';
import { QueueEntry } from './queue-entry.js';

/** Each queue: what is in it, and what holds for it. */
export function QueuesPlace(): JSX.Element {
  const { value, problem, refresh } = useFresh(listQueues, 'queues', unannouncedMs);
  return (
    <section class="panel" aria-labelledby="queues-title">
      <h2 id="queues-title">Queues</h2>
      <ProblemNotice problem={problem} />
      {value?.broker === 'away' && (
        <p class="notice notice-warn" role="status">
          The broker is away: these are the counts of the job store, and nobody knows the dead letters that
          the broker holds. <a href={href(['broker'])}>What is wrong with it</a>
        </p>
      )}
      <ul>
        {value?.items.map((queue) => (
          <QueueEntry key={queue.name} queue={queue} onDone={refresh} />
        ))}
      </ul>
    </section>
  );
}
