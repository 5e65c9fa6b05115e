import type { JobEvent } from '@heavylift/core';
import { newId } from '@heavylift/nestjs';
import type { JobRecord } from '../store/index.js';

/** At the very place where the job stands, so that whatever comes later for it is too late. */
export function cancelledEvent({ id, type, attempt, release }: JobRecord): JobEvent {
  return {
    kind: 'cancelled',
    id: newId(),
    jobId: id,
    jobType: type,
    attempt,
    release,
    at: new Date().toISOString(),
  };
}
