import type { JSX } from 'preact';
import { jobStatuses } from '../api/model.js';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { href } from '../ui/route.js';
import { WorkerTile } from './worker-tile.js';

/** How many jobs there are of each status, and how many workers; each tile leads to them. */
export function StatusTiles(): JSX.Element {
  const counts = useStore(live.counts);
  return (
    <ul class="tiles" aria-label="Jobs by status, and workers">
      {jobStatuses.map((status) => (
        <li key={status}>
          <a class={`tile tile-${status}`} href={href(['jobs'], { status })}>
            <span class="tile-count number" data-count={status}>
              {counts ? counts[status].toLocaleString() : '–'}
            </span>
            <span class="tile-name">{status}</span>
          </a>
        </li>
      ))}
      <li>
        <WorkerTile />
      </li>
    </ul>
  );
}
