import type { JSX } from 'preact';
import type { JobEvent } from '../api/model.js';
import { formatClock } from '../format.js';

/** What happened, in order. */
export function JobTimeline({ events }: { readonly events: readonly JobEvent[] }): JSX.Element {
  return (
    <details>
      <summary>History ({events.length})</summary>
      <ol class="timeline">
        {events.map((event) => (
          <li key={event.seq}>
            <time dateTime={event.at}>{formatClock(event.at)}</time>
            <span>
              <strong>{event.kind}</strong>
              {event.attempt > 0 && `, attempt ${event.attempt}`}
              {event.late && ', too late to count'}
              <span class="muted error-text"> {event.error?.message ?? event.reason ?? event.worker}</span>
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}
