import type { JSX } from 'preact';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { useNow } from '../ui/use-now.js';
import { WorkerEntry } from './worker-entry.js';
import { isGone } from './worker-status.js';

/** Who works, and on what; those that are gone come last. */
export function WorkersPlace(): JSX.Element {
  const workers = useStore(live.workers)?.items;
  const now = useNow();
  const shown = workers?.toSorted((a, b) => Number(isGone(a)) - Number(isGone(b)));
  return (
    <section class="panel" aria-labelledby="workers-title">
      <h2 id="workers-title">Workers</h2>
      {shown?.length === 0 && <p class="muted empty">None was heard: jobs wait until a worker is started.</p>}
      <ul>
        {shown?.map((worker) => (
          <WorkerEntry key={worker.id} worker={worker} now={now} />
        ))}
      </ul>
    </section>
  );
}
