import { randomUUID } from 'node:crypto';
import { type DeadLetter, isFinal, type JobEvent, type JobMessage } from '@heavylift/core';
import type { JobRecord, JobStore, StoredEvent } from '../store/job-store.js';

export interface GivenUpJobsOptions {
  readonly store: Pick<JobStore, 'get' | 'history'>;
  readonly record: (events: readonly JobEvent[]) => Promise<unknown>;
  /** Stops what still runs of jobs that have ended. */
  readonly tellOverrun: (jobIds: readonly string[]) => Promise<void>;
}

const mostTries = 10;

/** Ends the jobs that the broker itself gave up on: it told nobody, and nobody else would ever end them. */
export class GivenUpJobs {
  readonly #options: GivenUpJobsOptions;

  constructor(options: GivenUpJobsOptions) {
    this.#options = options;
  }

  /** Records that the job has failed, and why; not if a later message of it is on its way. */
  async end(letter: DeadLetter): Promise<void> {
    const { store, record, tellOverrun } = this.#options;
    const { id } = letter.message;
    // Again when the job moved on in this very moment: the event must be later than all that is recorded.
    for (let tries = 0; tries < mostTries; tries++) {
      const job = await store.get(id);
      if (!job || (await this.#isSuperseded(letter.message))) return;
      if (isFinal(job.status)) return tellOverrun([id]);
      await record([failedEvent(job, letter)]);
    }
    throw new Error(`job "${id}", which the broker gave up on, moves on faster than its end can be recorded`);
  }

  async #isSuperseded(message: JobMessage): Promise<boolean> {
    let last = 0;
    for (;;) {
      const events = await this.#options.store.history(message.id, last);
      if (events.some((event) => sendsAfter(event, message))) return true;
      if (events.length === 0) return false;
      last = events.at(-1)!.seq;
    }
  }
}

/** Whether a message of the job was sent upon this event that is later than `message`. */
function sendsAfter({ kind, attempt, release }: StoredEvent, message: JobMessage): boolean {
  if (kind === 'retrying' || kind === 'redriven') return attempt >= message.attempt;
  if (kind !== 'released') return false;
  return attempt > message.attempt || (attempt === message.attempt && release >= message.release);
}

/** At the very place where the job stands, so that whatever comes later for it is too late. */
function failedEvent({ id, type, attempt, release }: JobRecord, letter: DeadLetter): JobEvent {
  const message = `the broker gave up on the job: ${letter.detail ?? explanationOf(letter.reason)}`;
  return {
    kind: 'failed',
    id: randomUUID(),
    jobId: id,
    jobType: type,
    attempt: Math.max(attempt, letter.message.attempt),
    release,
    at: new Date().toISOString(),
    error: { name: 'BrokerGaveUp', code: letter.reason, message, retryable: false },
  };
}

function explanationOf(reason: string): string {
  if (reason === 'worker.lost') return 'it was handed on again and again, and never settled';
  if (reason === 'broker.rejected') return 'somebody rejected its message';
  if (reason === 'broker.expired') return 'its message was older than a policy of the broker allows';
  return `its message was dead-lettered with the reason "${reason}"`;
}
