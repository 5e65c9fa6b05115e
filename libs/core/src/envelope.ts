import { HeavyliftError } from './errors.js';
import { commandType, longestTimeoutMs } from './job-definition.js';

/** What a message on any broker is: a CloudEvent. */
export const contentType = 'application/cloudevents+json';

/** Of a message with events: it may hold a batch of them. */
export function eventsContentType(body: Uint8Array): string {
  return body[0] === openingBracket ? 'application/cloudevents-batch+json' : contentType;
}

const openingBracket = 0x5b;

/** A job as the gateway sends it: a CloudEvents 1.0 document whose data is the payload. */
export interface JobCommand {
  readonly id: string;
  /** Like `video.transcode`. */
  readonly jobType: string;
  readonly version: number;
  readonly payload: unknown;
  readonly maxAttempts: number;
  readonly timeoutMs: number;
  /** The process that sent it, a URI reference like `/gateway/host-1`. */
  readonly source: string;
  /** ISO 8601. */
  readonly time: string;
  readonly traceparent?: string;
}

/** A body that is no command of ours. */
export class InvalidEnvelopeError extends HeavyliftError {
  override readonly name = 'InvalidEnvelopeError';

  constructor(message: string, options?: ErrorOptions) {
    super('envelope.invalid', `the message is no Heavylift command: ${message}`, options);
  }
}

const text = new TextEncoder();
const strictText = new TextDecoder('utf-8', { fatal: true });
const commandTypePattern = /^heavylift\.job\.(.+)\.v(\d+)$/;

export function encodeCommand(command: JobCommand): Uint8Array {
  return encodeCloudEvent({
    id: command.id,
    type: commandType({ name: command.jobType, version: command.version }),
    source: command.source,
    time: command.time,
    maxattempts: command.maxAttempts,
    timeoutms: command.timeoutMs,
    ...(command.traceparent ? { traceparent: command.traceparent } : {}),
    data: command.payload,
  });
}

/** @throws {InvalidEnvelopeError} naming what is wrong */
export function decodeCommand(body: Uint8Array): JobCommand {
  const event = decodeCloudEvent(body);
  const [, jobType, version] = commandTypePattern.exec(event.type) ?? [];
  if (!jobType || !version) throw new InvalidEnvelopeError(`its type is "${event.type}"`);
  return {
    id: event.id,
    jobType,
    version: Number(version),
    payload: event.data,
    maxAttempts: wholeNumber(event, 'maxattempts', 1_000),
    timeoutMs: wholeNumber(event, 'timeoutms', longestTimeoutMs),
    source: event.source,
    time: typeof event.time === 'string' ? event.time : '',
    ...(typeof event.traceparent === 'string' ? { traceparent: event.traceparent } : {}),
  };
}

/** The attributes that every CloudEvent has, and whatever else is in it. */
export interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly data?: unknown;
  readonly [attribute: string]: unknown;
}

export function encodeCloudEvent(event: CloudEvent): Uint8Array {
  return utf8(cloudEventText(event));
}

export function cloudEventText(event: CloudEvent): string {
  return JSON.stringify({ specversion: '1.0', datacontenttype: 'application/json', ...event });
}

export function utf8(value: string): Uint8Array {
  return text.encode(value);
}

/** @throws {InvalidEnvelopeError} when it is no JSON, or lacks a required attribute */
export function decodeCloudEvent(body: Uint8Array): CloudEvent {
  return cloudEventIn(parseJson(body));
}

/**
 * Those of a batch, or the one.
 * @throws {InvalidEnvelopeError} as `decodeCloudEvent`
 */
export function decodeCloudEvents(body: Uint8Array): CloudEvent[] {
  const value = parseJson(body);
  return Array.isArray(value) ? value.map(cloudEventIn) : [cloudEventIn(value)];
}

function cloudEventIn(value: unknown): CloudEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidEnvelopeError('it is no JSON object');
  const event = value as Record<string, unknown>;
  if (event.specversion !== '1.0') throw new InvalidEnvelopeError('specversion must be "1.0"');
  const { id, type, source } = event;
  if (typeof id !== 'string' || id === '') throw new InvalidEnvelopeError('it has no id');
  if (typeof type !== 'string') throw new InvalidEnvelopeError('it has no type');
  if (typeof source !== 'string') throw new InvalidEnvelopeError('it has no source');
  return event as CloudEvent;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(strictText.decode(body));
  } catch (error) {
    throw new InvalidEnvelopeError('it is no JSON', { cause: error });
  }
}

function wholeNumber(event: CloudEvent, attribute: string, max: number): number {
  const value = event[attribute];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max)
    throw new InvalidEnvelopeError(`${attribute} must be a whole number from 1 to ${max}`);
  return value;
}
