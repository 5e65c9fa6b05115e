import type { JSX } from 'preact';
import { listWorkers } from '../api/workers.js';
import { unannouncedMs } from '../live/unannounced.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { useNow } from '../ui/use-now.js';
import { WorkerEntry } from './worker-entry.js';
import { isGone } from './worker-status.js';

/** Who works, and on what; those that are gone come last. */
export function WorkersPlace(): JSX.Element {
  const { value: workers, problem, refresh } = useFresh(listWorkers, 'workers', unannouncedMs);
  const now = useNow();
  const shown = workers?.toSorted((a, b) => Number(isGone(a)) - Number(isGone(b)));
  return (
    <section class="panel" aria-labelledby="workers-title">
      <h2 id="workers-title">Workers</h2>
      <ProblemNotice problem={problem} />
      {shown?.length === 0 && <p class="muted empty">None was heard: jobs wait until a worker is started.</p>}
      <ul>
        {shown?.map((worker) => (
          <WorkerEntry key={worker.id} worker={worker} now={now} onDone={refresh} />
        ))}
      </ul>
    </section>
  );
}
