import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Job } from '../api/model.js';
import { getWaiting } from '../api/waiting.js';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';

/** Why a job that waits does so, and what would let it run; nothing for one that runs or has ended. */
export function WaitReason({ job }: { readonly job: Job }): JSX.Element | null {
  const waits = job.status === 'queued' || job.status === 'retrying' || job.status === 'scheduled';
  // Another status, another answer: the old one is not shown meanwhile.
  return waits ? <Reason key={job.status} job={job} /> : null;
}

/** Read again when what it may depend on is another: the queue of its type, the workers that do it, the broker. */
function Reason({ job }: { readonly job: Job }): JSX.Element | null {
  const { value, problem, refresh } = useFresh((signal) => getWaiting(job.id, signal), job.id, []);
  const ground = useGround(job.type);
  useEffect(refresh, [ground]);
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

function useGround(type: string): string {
  const queues = useStore(live.queues);
  const queue = queues?.items.find(({ name }) => name === type);
  const workers = useStore(live.workers)
    ?.items.filter(({ jobTypes }) => jobTypes.includes(type))
    .map(({ id, status, concurrency, busy }) => [id, status, concurrency, busy]);
  const broker = useStore(live.health)?.details.broker?.status;
  return JSON.stringify([queue, workers, queues?.broker, broker]);
}

const placeOf: Readonly<Record<string, string>> = {
  'queue-paused': 'queues',
  'rate-limited': 'queues',
  'no-worker': 'workers',
  'workers-drained': 'workers',
  'workers-busy': 'workers',
  'broker-away': 'broker',
};
