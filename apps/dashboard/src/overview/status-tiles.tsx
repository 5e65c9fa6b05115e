import type { JSX } from 'preact';
import { jobStatuses } from '../api/model.js';
import { useLive } from '../live/use-live.js';
import { href } from '../ui/route.js';

/** How many jobs there are of each status; each tile leads to them. */
export function StatusTiles(): JSX.Element {
  const { counts } = useLive();
  return (
    <ul class="tiles" aria-label="Jobs by status">
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
    </ul>
  );
}
