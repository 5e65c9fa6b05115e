import type { JSX } from 'preact';
import type { Health } from '../api/model.js';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';

/** The broker, and all else that the gateway needs. */
export function BrokerPlace(): JSX.Element {
  const health = useStore(live.health);
  return (
    <section class="panel" aria-labelledby="broker-title">
      <h2 id="broker-title">Broker</h2>
      <ul>
        {Object.entries(health?.details ?? {}).map(([name, detail]) => (
          <Service key={name} name={name} detail={detail} />
        ))}
      </ul>
      <p class="muted">
        A RabbitMQ with the management plugin shows its own pages on its host, by default at port 15672; a
        NATS server tells its state at port 8222 when its monitoring is on.
      </p>
      <p>
        <a href="/docs">API docs</a> · <a href="/metrics">Metrics</a> ·{' '}
        <a href="/health/ready">Health as JSON</a>
      </p>
    </section>
  );
}

function Service({ name, detail }: { readonly name: string; readonly detail: Detail }): JSX.Element {
  const { status, message, ...facts } = detail;
  return (
    <li class="entry" data-service={name} data-status={status}>
      <div class="entry-header">
        <h3>{name}</h3>
        <span class={`badge ${tones[status] ?? 'badge-failed'}`}>{status}</span>
      </div>
      {message && <p class="error-text">{message}</p>}
      {Object.keys(facts).length > 0 && (
        <p class="muted">
          {Object.entries(facts)
            .map(([fact, value]) => `${fact}: ${String(value)}`)
            .join(' · ')}
        </p>
      )}
    </li>
  );
}

type Detail = Health['details'][string];

const tones: Readonly<Record<string, string>> = { up: 'badge-succeeded', degraded: 'badge-retrying' };
