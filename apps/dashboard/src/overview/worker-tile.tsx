import type { JSX } from 'preact';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { href } from '../ui/route.js';
import { isGone } from '../workers/worker-status.js';

/** How many workers are there, and how many have been lost lately; leads to them. */
export function WorkerTile(): JSX.Element {
  const workers = useStore(live.workers)?.items;
  const present = workers?.filter((worker) => !isGone(worker)).length;
  const lost = workers?.filter(({ status }) => status === 'lost').length ?? 0;
  return (
    <a class="tile" href={href(['workers'])}>
      <span class="tile-count number" data-workers="present">
        {present === undefined ? '–' : present.toLocaleString()}
      </span>
      <span class="tile-name">
        {present === 1 ? 'worker' : 'workers'}
        {lost > 0 && (
          <>
            {', '}
            <strong class="tile-lost" data-workers="lost">
              {lost.toLocaleString()} lost
            </strong>
          </>
        )}
      </span>
    </a>
  );
}
