import type { JSX } from 'preact';
import type { Redriven } from '../api/model.js';
import { formatClock } from '../format.js';

const mostShown = 5;

/** What became of a request to redrive many. */
export function RedrivenNotice({ redriven }: { readonly redriven: Redriven }): JSX.Element {
  const { redriven: count, refused, refusedInAll, lastAt } = redriven;
  return (
    <div class={refusedInAll > 0 ? 'notice notice-warn' : 'notice notice-good'} role="status">
      <p>
        {count.toLocaleString()} run anew{lastAt && `, the last at ${formatClock(lastAt)}`}.
        {refusedInAll > 0 && ` ${refusedInAll.toLocaleString()} would not be valid and stay:`}
      </p>
      <ul>
        {refused.slice(0, mostShown).map(({ id, errors }) => (
          <li key={id}>
            <code>{id.slice(-8)}</code> {errors.map(({ path, message }) => `${path} ${message}`).join('; ')}
          </li>
        ))}
      </ul>
    </div>
  );
}
