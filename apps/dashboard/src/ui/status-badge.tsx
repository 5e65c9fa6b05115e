import type { JSX } from 'preact';
import type { JobStatus } from '../api/model.js';

export function StatusBadge({ status }: { readonly status: JobStatus }): JSX.Element {
  return <span class={`badge badge-${status}`}>{status}</span>;
}
