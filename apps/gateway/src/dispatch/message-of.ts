import { commandType, encodeCommand, type JobMessage, laneOf } from '@heavylift/core';
import type { Outgoing } from '../store/outbox.js';

/** The message that carries a job to its queue. The same each time it is made, so that brokers can tell a copy. */
export function messageOf({ job, attempt, release }: Outgoing, source: string): JobMessage {
  const { id, type, version, priority, payload, maxAttempts, timeoutMs, createdAt } = job;
  const body = encodeCommand({
    id,
    jobType: type,
    version,
    payload,
    maxAttempts,
    timeoutMs,
    source,
    time: createdAt,
  });
  return {
    id,
    queue: laneOf(type, priority),
    type: commandType({ name: type, version }),
    attempt,
    suspected: 0,
    release,
    headers: {},
    body,
  };
}

/** What is left of the wait before a retry that another broker was to keep. */
export function delayOf({ job }: Outgoing, now: number): number {
  if (job.status !== 'retrying' || job.nextAttemptAt === undefined) return 0;
  return Math.max(0, Date.parse(job.nextAttemptAt) - now);
}
