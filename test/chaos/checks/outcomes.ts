import { codeOfFailure } from '../workload/wish.js';
import type { Facts, Seen } from './facts.js';
import type { Check } from './violation.js';

const finalKinds = ['succeeded', 'failed', 'cancelled'];

/** Each job has one end, the one that its wish has to have. */
export const outcomes: Check = (facts) =>
  facts.seen.flatMap((seen) => brokenBy(seen, facts).map((what) => ({ what, tag: seen.wish.tag })));

function brokenBy(seen: Seen, facts: Facts): string[] {
  const { job } = seen;
  if (!finalKinds.includes(job.status)) return [`is still ${job.status}`];
  return [...ends(seen), ...wrongEnd(seen, facts), ...observed(seen), ...attempts(seen)].concat(
    job.wrongFile ? [job.wrongFile] : [],
  );
}

function ends({ job }: Seen): string[] {
  const told = job.history.filter(({ kind, late }) => finalKinds.includes(kind) && late !== true);
  if (told.length === 1 && told[0]!.kind === job.status) return [];
  return [
    `is ${job.status}, and its history ends with ${told.map(({ kind }) => kind).join(', ') || 'nothing'}`,
  ];
}

function wrongEnd(seen: Seen, facts: Facts): string[] {
  const { job, wish, cancels } = seen;
  if (job.status === 'cancelled') return cancels.length > 0 ? [] : ['is cancelled, and nobody asked for it'];
  if (cancels.some(({ phase }) => phase === 'cancelled'))
    return [`was cancelled, as it was answered, and is ${job.status}`];
  const code = codeOfFailure[wish.kind];
  if (job.status === 'succeeded') return code ? [`succeeded, and should fail with ${code}`] : [];
  if (job.error?.code === 'worker.lost') return lostTooEasily(seen, facts);
  return job.error?.code === code ? [] : [`failed with ${job.error?.code}, not with ${code ?? 'nothing'}`];
}

/** A job fails without its own fault only after each attempt was lost with its worker: so many faults must have struck while it lived. */
function lostTooEasily({ job, wish, post }: Seen, facts: Facts): string[] {
  const finishedAt = Date.parse(job.finishedAt!);
  const own = wish.kind === 'flaky' ? 1 : 0;
  const struck = facts.during(post.askedAt, finishedAt).length;
  if (struck + own >= job.maxAttempts) return [];
  return [`failed with worker.lost after ${struck} faults, with ${job.maxAttempts} attempts`];
}

/** Who asks for a job after somebody saw its end sees the same end. */
function observed({ looks }: Seen): string[] {
  const end = looks.find(({ status }) => finalKinds.includes(status));
  const other = end && looks.find(({ askedAt, status }) => askedAt > end.at && status !== end.status);
  return other ? [`was seen as ${end.status}, and as ${other.status} later`] : [];
}

function attempts({ job }: Seen): string[] {
  const started = job.history.filter(({ kind, late }) => kind === 'started' && late !== true);
  const last = Math.max(0, ...started.map(({ attempt }) => attempt));
  return last > job.maxAttempts ? [`began attempt ${last} of ${job.maxAttempts}`] : [];
}
