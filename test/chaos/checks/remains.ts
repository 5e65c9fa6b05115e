import type { Facts, Seen } from './facts.js';
import type { Check, Violation } from './violation.js';

/** Between the word that a job failed and its dead letter, a worker that dies leaves the word alone. */
const dyingMs = 5_000;
const mostMiB = 700;

/** What is left in the end: a dead letter of each job that failed, an empty broker, processes that behaved. */
export const remains: Check = (facts) => {
  const { end, lines } = facts;
  return [
    ...facts.seen.flatMap((seen) => deadLetter(seen, facts)),
    ...Object.entries(end.left).map(([queue, count]) => ({ what: `${count} messages are left in ${queue}` })),
    ...end.complaints.map((what) => ({ what })),
    ...lines.flatMap((line) => (line.op === 'wrong' ? [{ what: line.what }] : [])),
    ...Object.entries(end.peakMiB)
      .filter(([, mib]) => mib > mostMiB)
      .map(([name, mib]) => ({ what: `${name} took ${mib} MiB` })),
  ];
};

function deadLetter({ job, wish }: Seen, facts: Facts): Violation[] {
  const isDead = facts.end.deadLetters.includes(job.id);
  if (isDead && job.status === 'succeeded')
    return [{ what: 'succeeded, and is a dead letter', tag: wish.tag }];
  if (isDead || job.status !== 'failed') return [];
  const failedAt = Date.parse(job.finishedAt!);
  if (!facts.isCalm(failedAt - dyingMs, failedAt + dyingMs)) return [];
  return [{ what: 'failed, and is no dead letter', tag: wish.tag }];
}
