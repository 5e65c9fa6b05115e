import type { Facts, Seen } from './facts.js';
import type { Check, Violation } from './violation.js';

/** Signals may be so old; clocks are one and the same. */
const cancelGraceMs = 3_000;
const clockMs = 50;

/** Of jobs that met no fault, a few may run again all the same: a machine that stands still for seconds is one, and nobody told of it. */
const excused = { share: 0.01, least: 2 };

/** A job runs as often as it must, not before it is due, and not after it was cancelled. */
export const runs: Check = (facts) => {
  const again = facts.seen.flatMap((seen) => violations(seen, needless(seen, facts)));
  const isExcused = again.length <= Math.max(excused.least, facts.seen.length * excused.share);
  const wrong = facts.seen.flatMap((seen) =>
    violations(seen, [...tooEarly(seen), ...afterCancel(seen, facts)]),
  );
  return isExcused ? wrong : [...again, ...wrong];
};

function violations({ wish }: Seen, whats: readonly string[]): Violation[] {
  return whats.map((what) => ({ what, tag: wish.tag }));
}

/** When a run began: as its worker told, and as the server of its source saw. */
function beganAt({ job, fetchedAt }: Seen): number[] {
  const told = job.history.filter(({ kind }) => kind === 'started').map(({ at }) => Date.parse(at));
  return [...told, ...fetchedAt];
}

/** A job that met no fault, from its post to its last run, ran once, as its first attempt. A broker that was killed may hand on what had ended long before. */
function needless({ job, wish, post, fetchedAt }: Seen, facts: Facts): string[] {
  const last = Math.max(Date.parse(job.finishedAt ?? job.createdAt), ...fetchedAt);
  if (!facts.isCalm(post.askedAt, last)) return [];
  const most = wish.kind === 'flaky' ? 2 : 1;
  if (fetchedAt.length <= most && job.attempt <= most) return [];
  return [`ran ${fetchedAt.length} times, and ended in attempt ${job.attempt}, though there was no fault`];
}

function tooEarly(seen: Seen): string[] {
  const dueAt = seen.post.askedAt + (seen.wish.options.delaySeconds ?? 0) * 1_000 - clockMs;
  const early = beganAt(seen).find((at) => at < dueAt);
  return early === undefined ? [] : [`began ${dueAt - early} ms before it was due`];
}

/** A worker that was out of reach when it was told may begin such a job, and is told again: a fault excuses it. */
function afterCancel(seen: Seen, facts: Facts): string[] {
  const cancelledAt = seen.cancels.find(({ phase }) => phase === 'cancelled')?.at;
  if (cancelledAt === undefined || !facts.isCalm(cancelledAt - cancelGraceMs, cancelledAt)) return [];
  const began = beganAt(seen).find((at) => at > cancelledAt + cancelGraceMs && facts.isCalm(at));
  return began === undefined ? [] : [`began ${began - cancelledAt} ms after it was cancelled`];
}
