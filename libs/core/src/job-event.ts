import {
  type CloudEvent,
  cloudEventText,
  decodeCloudEvents,
  InvalidEnvelopeError,
  utf8,
} from './envelope.js';
import { type LoggedEvent, loggedFacts } from './logged-event.js';

/**
 * What can happen to a job. Each `started` is closed by exactly one of `succeeded`, `retrying`, `failed`, `cancelled`, `released`,
 * unless its worker died.
 */
export const eventKinds = [
  'queued',
  'started',
  'progressed',
  'succeeded',
  'retrying',
  'failed',
  'cancelled',
  'released',
  'redriven',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** A fact about a job, published by a worker or the gateway. */
export type JobEvent = EventBase & EventFacts;

/** All that is published under a topic: what happened to jobs, and what their handlers wrote meanwhile. */
export type PublishedEvent = JobEvent | LoggedEvent;

/** What every event tells. */
export interface EventBase {
  readonly id: string;
  readonly jobId: string;
  /** Like `video.transcode`. */
  readonly jobType: string;
  /** From 1; 0 before the first. */
  readonly attempt: number;
  /** How often the job had been released before. */
  readonly release: number;
  /** ISO 8601. For people: order is by attempt, release and kind. */
  readonly at: string;
  /** The process that says so. */
  readonly worker?: string;
  /** Names one run of the handler: two runs can share an attempt when a message came twice. */
  readonly run?: string;
}

export type EventFacts =
  | { readonly kind: 'queued' | 'cancelled' }
  | { readonly kind: 'started' }
  | { readonly kind: 'progressed'; readonly progress: Progress }
  | { readonly kind: 'succeeded'; readonly result: unknown; readonly assets: readonly AssetFacts[] }
  | { readonly kind: 'retrying'; readonly error: ErrorFacts; readonly nextAttemptAt: string }
  | { readonly kind: 'failed'; readonly error: ErrorFacts }
  | { readonly kind: 'released'; readonly reason: string }
  | { readonly kind: 'redriven'; readonly maxAttempts: number };

export interface Progress {
  /** 0 to 100. */
  readonly percent: number;
  readonly message?: string;
}

/** A file that a run stored. It becomes the job's only when the run's success is recorded. */
export interface AssetFacts {
  readonly id: string;
  readonly filename: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** An error as data; classes do not cross the wire. */
export interface ErrorFacts {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly stack?: string;
}

/** The topic under which an event is published, like `succeeded.video.transcode`. */
export function eventTopic(event: Pick<PublishedEvent, 'kind' | 'jobType'>): string {
  return `${event.kind}.${event.jobType}`;
}

export function encodeEvent(event: PublishedEvent): Uint8Array {
  return encodeEvents([eventText(event)]);
}

/** As it stands in a message. */
export function eventText(event: PublishedEvent): string {
  const { id, kind, jobId, at, worker } = event;
  return cloudEventText({
    id,
    type: `heavylift.job.${kind}`,
    source: `/${worker ?? 'gateway'}`,
    subject: jobId,
    time: at,
    data: { ...event, id: undefined, kind: undefined, jobId: undefined, at: undefined },
  });
}

/** Events of one topic as one message: the one, or a CloudEvents batch, a JSON array. */
export function encodeEvents(texts: readonly string[]): Uint8Array {
  return utf8(texts.length === 1 ? texts[0]! : `[${texts.join(',')}]`);
}

/**
 * The events of a message: one, or those of a batch.
 * @throws {InvalidEnvelopeError} when one of them is no event of ours
 */
export function decodeEvents(body: Uint8Array): PublishedEvent[] {
  return decodeCloudEvents(body).map(eventIn);
}

function eventIn(event: CloudEvent): PublishedEvent {
  const kind = event.type.replace(/^heavylift\.job\./, '') as PublishedEvent['kind'];
  if (kind !== 'logged' && !eventKinds.includes(kind))
    throw new InvalidEnvelopeError(`"${event.type}" is no kind of event`);
  if (typeof event.subject !== 'string' || typeof event.time !== 'string')
    throw new InvalidEnvelopeError('an event needs a subject and a time');
  const data = dataOf(event);
  const base = { id: event.id, jobId: event.subject, at: event.time };
  return { ...data, ...(kind === 'logged' ? loggedFacts(data) : { kind }), ...base } as PublishedEvent;
}

function dataOf(event: CloudEvent): Record<string, unknown> {
  const data = event.data as Record<string, unknown> | undefined;
  if (
    !data ||
    !Number.isInteger(data.attempt) ||
    !Number.isInteger(data.release) ||
    typeof data.jobType !== 'string'
  )
    throw new InvalidEnvelopeError('an event needs attempt, release and jobType');
  return data;
}
