import { decodeCloudEvent, encodeCloudEvent, InvalidEnvelopeError } from './envelope.js';
import type { Standing } from './fold.js';
import type { ErrorFacts } from './job-event.js';
import type { Presence } from './presence.js';

/** What processes tell each other now, at most once: nothing depends on a signal alone. */
export type Signal =
  /** A worker asks what became of a job whose holder was lost. */
  | { readonly kind: 'inquiry'; readonly inquiry: string; readonly jobId: string }
  /** A gateway answers; without `job` it knows none of that id. */
  | { readonly kind: 'answer'; readonly inquiry: string; readonly job?: KnownJob }
  /** A worker answers that the job runs there. */
  | { readonly kind: 'held'; readonly inquiry: string }
  /** A worker begins, and has heard of no cancelled job and no order yet. */
  | { readonly kind: 'hello' }
  /** These jobs have succeeded or were cancelled: none is to start, what runs of them is to stop. */
  | { readonly kind: 'ended'; readonly jobs: readonly EndedJob[] }
  /** A run began of a job that has failed: it is to stop, and its message is a dead letter. */
  | { readonly kind: 'failed'; readonly jobId: string; readonly error: Failure }
  /** A worker is there, and how it is. */
  | { readonly kind: 'present'; readonly worker: Presence }
  /** One worker is to do something; its next `present` names the order. */
  | { readonly kind: 'steer'; readonly worker: string; readonly order: string; readonly to: Steering }
  /** What holds for all queues from now on; those that are not named go on without limits. */
  | { readonly kind: 'queues'; readonly queues: readonly QueueOrder[] };

/** drain: take nothing more, finish what runs, stay there. */
export type Steering =
  { readonly do: 'drain' | 'resume' } | { readonly do: 'resize'; readonly concurrency: number };

export interface QueueOrder {
  /** A job type; it holds for all lanes. */
  readonly name: string;
  readonly paused: boolean;
  /** How many jobs of the type each worker may start in a minute. Default: any number. */
  readonly perMinute?: number;
}

/** A job that has ended. It may run anew one day, so this holds for the attempts up to `upTo`. */
export interface EndedJob {
  readonly id: string;
  readonly upTo: number;
}

/** As much of a job as decides whether it is to run again, and under which attempt and release. */
export interface KnownJob extends Standing {
  /** Why it failed, or failed last. */
  readonly error?: Failure;
}

/** As much of an error as a dead letter bears. */
export type Failure = Pick<ErrorFacts, 'code' | 'message'>;

const kinds: readonly Signal['kind'][] = [
  'inquiry',
  'answer',
  'held',
  'hello',
  'ended',
  'failed',
  'present',
  'steer',
  'queues',
];

export function encodeSignal(
  signal: Signal,
  facts: { readonly id: string; readonly source: string },
): Uint8Array {
  const { kind, ...data } = signal;
  return encodeCloudEvent({
    id: facts.id,
    type: `heavylift.signal.${kind}`,
    source: `/${facts.source}`,
    data,
  });
}

/** @throws {InvalidEnvelopeError} when it is no signal of ours */
export function decodeSignal(body: Uint8Array): Signal {
  const event = decodeCloudEvent(body);
  const kind = event.type.replace(/^heavylift\.signal\./, '') as Signal['kind'];
  if (!kinds.includes(kind)) throw new InvalidEnvelopeError(`"${event.type}" is no kind of signal`);
  return { ...(event.data as object), kind } as Signal;
}
