import type { JSX } from 'preact';
import type { Worker } from '../api/workers.js';

/** Nobody hears there any more. */
export function isGone({ status }: Worker): boolean {
  return status === 'lost' || status === 'stopped';
}

const tones: Readonly<Record<string, string>> = {
  running: 'badge-succeeded',
  lost: 'badge-failed',
  stopped: '',
};

export function WorkerBadge({ worker }: { readonly worker: Worker }): JSX.Element {
  return <span class={`badge ${tones[worker.status] ?? 'badge-retrying'}`}>{worker.status}</span>;
}
