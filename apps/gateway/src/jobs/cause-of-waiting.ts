import { isFinal } from '@heavylift/core';
import type { JobPlace, JobRecord, QueueSettings } from '../store/index.js';
import { isTaking, type SeenWorker } from '../workers/worker-register.js';

export const waitCauses = [
  'finished',
  'running',
  'not-due',
  'retry-wait',
  'broker-away',
  'dispatching',
  'queue-paused',
  'no-worker',
  'workers-drained',
  'workers-busy',
  'rate-limited',
] as const;
export type WaitCause = (typeof waitCauses)[number];

/** Why a job is not running, and what would change that. */
export interface Waiting {
  readonly cause: WaitCause;
  readonly message: string;
  /** What would let it run. */
  readonly unblock: string;
  /** In its lane, from 1. */
  readonly position?: number;
  /** All that go before it. */
  readonly ahead?: number;
  /** When it goes on by itself, ISO 8601. */
  readonly until?: string;
}

export interface WaitFacts {
  readonly job: JobRecord;
  readonly place: JobPlace | undefined;
  readonly settings: QueueSettings | undefined;
  readonly brokerIsThere: boolean;
  /** Those that do its type. */
  readonly workers: readonly SeenWorker[];
  /** How many jobs run in each worker, by name. */
  readonly runningIn: ReadonlyMap<string, number>;
}

type Rule = (facts: WaitFacts, now: number) => Waiting | undefined;

/** The first that holds is the answer; each is only right when none before it holds. */
const rules: readonly Rule[] = [
  ({ job }) =>
    isFinal(job.status)
      ? {
          cause: 'finished',
          message: `the job has ${job.status === 'cancelled' ? 'been cancelled' : job.status}`,
          unblock: 'nothing: it has ended; submit a new job to do the work again',
        }
      : undefined,
  ({ job }) =>
    job.status === 'running'
      ? {
          cause: 'running',
          message: `the job runs in ${job.worker ?? 'a worker'}, attempt ${job.attempt} of ${job.maxAttempts}`,
          unblock: 'nothing: it does not wait',
        }
      : undefined,
  ({ job }, now) =>
    job.status === 'scheduled' && Date.parse(job.dueAt ?? job.createdAt) > now
      ? {
          cause: 'not-due',
          message: `the job is to be queued at ${job.dueAt}`,
          unblock: 'that moment, by itself; cancel it and submit it anew to run it earlier',
          until: job.dueAt!,
        }
      : undefined,
  ({ job }, now) =>
    job.status === 'retrying' && Date.parse(job.nextAttemptAt ?? '') > now
      ? {
          cause: 'retry-wait',
          message: `attempt ${job.attempt} of ${job.maxAttempts} failed (${job.error?.code}: ${job.error?.message}); the next begins at ${job.nextAttemptAt}`,
          unblock: 'that moment, by itself',
          until: job.nextAttemptAt!,
        }
      : undefined,
  ({ brokerIsThere }) =>
    brokerIsThere
      ? undefined
      : {
          cause: 'broker-away',
          message: 'the gateway cannot reach the broker; the job is stored and loses nothing but time',
          unblock: 'bring the broker back, or correct BROKER_URL; /health/ready says what is wrong',
        },
  ({ settings, job }) =>
    settings?.paused
      ? {
          cause: 'queue-paused',
          message: `the queue ${job.type} is paused`,
          unblock: `resume it: POST /v1/queues/${job.type}/resume`,
        }
      : undefined,
  ({ job, workers }) =>
    workers.some(({ isPresent }) => isPresent)
      ? undefined
      : {
          cause: 'no-worker',
          message: `no worker that does ${job.type} was heard in the last seconds`,
          unblock: 'start one; GET /v1/workers shows which were lost or stopped',
        },
  ({ workers, job }) =>
    workers.some(isTaking)
      ? undefined
      : {
          cause: 'workers-drained',
          message: `every worker that does ${job.type} is drained: ${namesOf(workers.filter(({ isPresent }) => isPresent))}`,
          unblock: 'resume one: POST /v1/workers/{id}/resume; or start another',
        },
  ({ job, place }) =>
    job.status === 'scheduled' || place?.dispatched === false
      ? {
          cause: 'dispatching',
          message: 'the job is stored and about to be sent to the broker',
          unblock: 'a moment, by itself',
        }
      : undefined,
  ({ workers, runningIn, job, place }) => {
    const taking = workers.filter(isTaking);
    const slots = taking.reduce((sum, { presence }) => sum + presence.concurrency, 0);
    const isBusy = ({ presence }: SeenWorker): boolean =>
      (runningIn.get(presence.name) ?? 0) >= presence.concurrency;
    if (!taking.every(isBusy)) return undefined;
    const before = place ? `; ${place.ahead} go before it` : '';
    return {
      cause: 'workers-busy',
      message: `all slots for ${job.type} are busy: ${slots} in ${taking.length} ${taking.length === 1 ? 'worker' : 'workers'}${before}`,
      unblock: 'a slot that falls free; more concurrency (PUT /v1/workers/{id}/concurrency), or more workers',
      ...(place ? { position: place.position, ahead: place.ahead } : {}),
    };
  },
  ({ settings, job, place }) =>
    settings && settings.perMinute !== null
      ? {
          cause: 'rate-limited',
          message: `the queue ${job.type} starts ${settings.perMinute} jobs a minute${place ? `; ${place.ahead} go before it` : ''}`,
          unblock: `its turn, by itself; or a higher limit: PUT /v1/queues/${job.type}/rate`,
          ...(place ? { position: place.position, ahead: place.ahead } : {}),
        }
      : undefined,
];

/** Names the one cause that a job is not running for. */
export function causeOfWaiting(facts: WaitFacts, now: number): Waiting {
  for (const rule of rules) {
    const found = rule(facts, now);
    if (found) return found;
  }
  return {
    cause: 'dispatching',
    message: 'a worker has a free slot; the job is on its way to it',
    unblock: 'a moment, by itself',
    ...(facts.place ? { position: facts.place.position, ahead: facts.place.ahead } : {}),
  };
}

function namesOf(workers: readonly SeenWorker[]): string {
  return workers.map(({ presence }) => presence.name).join(', ');
}
