import type { JSX } from 'preact';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { href } from '../ui/route.js';
import { useNow } from '../ui/use-now.js';
import { QueueEntry } from './queue-entry.js';

/** Each queue: what is in it, and what holds for it. */
export function QueuesPlace(): JSX.Element {
  const queues = useStore(live.queues);
  const now = useNow();
  return (
    <section class="panel" aria-labelledby="queues-title">
      <h2 id="queues-title">Queues</h2>
      {queues?.broker === 'away' && (
        <p class="notice notice-warn" role="status">
          The broker is away: these are the counts of the job store, and nobody knows the dead letters that
          the broker holds. <a href={href(['broker'])}>What is wrong with it</a>
        </p>
      )}
      <ul>
        {queues?.items.map((queue) => (
          <QueueEntry key={queue.name} queue={queue} now={now} />
        ))}
      </ul>
    </section>
  );
}
