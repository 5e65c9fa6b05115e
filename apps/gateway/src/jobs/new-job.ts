import type { JobDefinition } from '@heavylift/core';
import { newId } from '@heavylift/nestjs';
import type { NewJob } from '../store/index.js';
import type { SubmitJob } from './submit-job.js';

/** The job that a checked request asks for, made now. */
export function newJob({ type, payload, options }: SubmitJob, definition: JobDefinition): NewJob {
  const { priority, runAt, delaySeconds, maxAttempts, timeoutSeconds } = options ?? {};
  const now = new Date();
  const dueAt = new Date(runAt ?? now.getTime() + (delaySeconds ?? 0) * 1_000);
  return {
    id: newId(),
    type,
    version: definition.version,
    payload,
    priority: priority ?? 'normal',
    maxAttempts: maxAttempts ?? definition.retry.attempts,
    timeoutMs: timeoutSeconds ? timeoutSeconds * 1_000 : definition.timeoutMs,
    createdAt: now.toISOString(),
    ...(dueAt > now ? { dueAt: dueAt.toISOString() } : {}),
  };
}
