import type { JSX } from 'preact';
import type { Queue } from '../api/queues.js';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { href } from '../ui/route.js';

/** How much each queue holds now. */
export function QueueDepths(): JSX.Element {
  const queues = useStore(live.queues);
  return (
    <section class="panel" aria-labelledby="depths-title">
      <h2 id="depths-title">Queues</h2>
      {queues?.broker === 'away' && (
        <p class="notice notice-warn">The broker is away: as the job store counts.</p>
      )}
      <table class="depths">
        <thead>
          <tr>
            <th scope="col">Queue</th>
            <th scope="col">Ready</th>
            <th scope="col">In flight</th>
            <th scope="col">Workers</th>
          </tr>
        </thead>
        <tbody>
          {queues?.items.map((queue) => (
            <Depths key={queue.name} queue={queue} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Depths({ queue }: { readonly queue: Queue }): JSX.Element {
  const { name, ready, inFlight, workers, paused } = queue;
  return (
    <tr data-depths={name} data-paused={paused}>
      <th scope="row">
        <a href={href(['queues'])}>{name}</a> {paused && <span class="badge badge-retrying">paused</span>}
      </th>
      <td class="number">{ready.toLocaleString()}</td>
      <td class="number">{inFlight.toLocaleString()}</td>
      <td class="number">{workers.toLocaleString()}</td>
    </tr>
  );
}
