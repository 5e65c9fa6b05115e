import { randomUUID } from 'node:crypto';
import type { AssetFacts, EventFacts, JobEvent } from '@heavylift/core';
import { v7 as uuidv7 } from 'uuid';
import type { NewJob } from './job-store.js';

export function newJob(overrides: Partial<NewJob> = {}): NewJob {
  return {
    id: uuidv7(),
    type: 'video.transcode',
    version: 1,
    payload: { source: 'https://example.com/a.mp4', format: 'mp4' },
    maxAttempts: 3,
    timeoutMs: 60_000,
    createdAt: new Date().toISOString(),
    ...overrides,
  };
}

export function event(
  job: Pick<NewJob, 'id' | 'type'>,
  facts: EventFacts & Partial<Pick<JobEvent, 'id' | 'attempt' | 'release' | 'run' | 'at'>>,
): JobEvent {
  return {
    id: randomUUID(),
    jobId: job.id,
    jobType: job.type,
    attempt: 1,
    release: 0,
    at: new Date().toISOString(),
    worker: 'video-worker@test:1',
    run: 'run-1',
    ...facts,
  };
}

export function asset(overrides: Partial<AssetFacts> = {}): AssetFacts {
  return {
    id: uuidv7(),
    filename: 'a.mp4',
    mediaType: 'video/mp4',
    bytes: 3_000_000_000,
    sha256: 'ab'.repeat(32),
    ...overrides,
  };
}
