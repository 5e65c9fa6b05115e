import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { getWaiting } from '../api/waiting.js';
import { unannouncedMs } from '../live/unannounced.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';

/** Why a job that waits does so, and what would let it run; nothing for one that runs or has ended. */
export function WaitReason({ job }: { readonly job: Job }): JSX.Element | null {
  const waits = job.status === 'queued' || job.status === 'retrying' || job.status === 'scheduled';
  // Another status, another answer: the old one is not shown meanwhile.
  return waits ? <Reason key={job.status} id={job.id} /> : null;
}

function Reason({ id }: { readonly id: string }): JSX.Element | null {
  const { value, problem } = useFresh((signal) => getWaiting(id, signal), id, unannouncedMs);
  if (problem) return <ProblemNotice problem={problem} />;
  if (!value || value.cause === 'running' || value.cause === 'finished') return null;
  const place = placeOf[value.cause];
  return (
    <div class="notice notice-warn" data-waits-for={value.cause}>
      <p>
        <strong>It waits:</strong> {value.message}.
      </p>
      <p>
        What would let it run: {value.unblock}. {place && <a href={href([place])}>Go to the {place}.</a>}
      </p>
    </div>
  );
}

const placeOf: Readonly<Record<string, string>> = {
  'queue-paused': 'queues',
  'rate-limited': 'queues',
  'no-worker': 'workers',
  'workers-drained': 'workers',
  'workers-busy': 'workers',
  'broker-away': 'broker',
};
