import type { JSX } from 'preact';
import type { Job, JobStatus } from '../api/model.js';

const saying: Partial<Record<JobStatus, string>> = { failed: 'Failed', retrying: 'This attempt failed' };

/** Why an attempt failed, and whether there will be another. */
export function JobErrorNotice({ job }: { readonly job: Job }): JSX.Element | null {
  const { error, status } = job;
  if (!error) return null;
  const last = status === 'failed';
  return (
    <div class={last ? 'notice notice-bad' : 'notice notice-warn'} role="alert" data-error={error.code}>
      <strong>
        {saying[status] ?? 'An earlier attempt failed'} <code>{error.code}</code>
      </strong>
      <p class="error-text">{error.message}</p>
      {last && (
        <p class="muted">{error.retryable ? 'No attempts are left.' : 'Trying again would not help.'}</p>
      )}
    </div>
  );
}
