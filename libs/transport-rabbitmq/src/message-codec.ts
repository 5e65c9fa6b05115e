import { createHash } from 'node:crypto';
import { contentType, type DeadLetter, type JobMessage } from '@heavylift/core';
import type { Message, Options } from 'amqplib';

/** Our own headers on a message. The user's stand beside them as they are. */
const header = {
  attempt: 'heavylift-attempt',
  suspected: 'heavylift-suspected',
  release: 'heavylift-release',
  queue: 'heavylift-queue',
  notBefore: 'heavylift-not-before',
  reason: 'heavylift-reason',
  detail: 'heavylift-detail',
  diedAt: 'heavylift-died-at',
  /** Before a user's header whose plain name would mean something to the broker or to us. */
  user: 'heavylift-h-',
} as const;

const reserved = /^(x-|heavylift-|b?cc$)/i;

/** All headers of a message must fit one frame; a longer detail is cut. */
const longestDetail = 16_000;

/**
 * The AMQP properties of a job. Nothing of an earlier journey is in them: copied `x-death` headers make brokers drop messages.
 *
 * What reads the same when it is left out is left out, and the most jobs have no headers at all: amqplib takes 2 to 4 µs for a table of them.
 */
export function encodeJob(message: JobMessage, notBefore?: Date): Options.Publish {
  const headers = {
    ...(message.attempt > 1 && { [header.attempt]: message.attempt }),
    ...(message.release > 0 && { [header.release]: message.release }),
    ...(message.suspected > 0 && { [header.suspected]: message.suspected }),
    ...(notBefore && { [header.notBefore]: notBefore.toISOString() }),
    ...encodeUserHeaders(message.headers),
  };
  return {
    contentType,
    persistent: true,
    messageId: message.id,
    type: message.type,
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

export function encodeDeadLetter(
  message: JobMessage,
  reason: string,
  detail: string | undefined,
  at: Date,
): Options.Publish {
  const job = encodeJob(message);
  const headers: unknown = job.headers;
  const own = {
    [header.queue]: message.queue,
    [header.reason]: reason,
    ...(detail !== undefined && { [header.detail]: detail.slice(0, longestDetail) }),
    [header.diedAt]: at.toISOString(),
  };
  return { ...job, headers: { ...(headers as Record<string, unknown>), ...own } };
}

/** A job as it is handed over: each earlier holder that was lost is a suspected run. Reads whatever a foreign producer left out as absent. */
export function decodeJob(received: Message, queue: string): JobMessage {
  const message = decodeStored(received, queue);
  return {
    ...message,
    suspected: message.suspected + count(received.properties.headers?.['x-delivery-count'], 0),
  };
}

/** When a message that is on its way through several delay queues is due. */
export function notBefore(received: Message): number | undefined {
  const value = text(received.properties.headers?.[header.notBefore]);
  if (value === undefined) return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
}

/** A dead letter, be it ours, with a reason, or the broker's own. `deadLetters` is where it lies: its queue, if nothing better is known. */
export function decodeDeadLetter(received: Message, deadLetters: string): DeadLetter {
  const headers = received.properties.headers ?? {};
  const detail = text(headers[header.detail]);
  const queue = text(headers[header.queue]) ?? text(lastDeath(received)?.queue) ?? deadLetters;
  return {
    message: decodeStored(received, queue),
    reason: text(headers[header.reason]) ?? brokersReason(received),
    ...(detail !== undefined && { detail }),
    at: text(headers[header.diedAt]) ?? brokersTime(received).toISOString(),
  };
}

/** Whether the broker dead-lettered it by itself, rather than one of us. */
export function isBrokersOwn(received: Message): boolean {
  return text(received.properties.headers?.[header.reason]) === undefined;
}

/** The id of a job; one that came without gets one made of its body, the same each time. */
export function idOf(received: Message): string {
  const id = text(received.properties.messageId);
  return id ? id : `unnamed-${createHash('sha256').update(received.content).digest('hex').slice(0, 32)}`;
}

function decodeStored(received: Message, queue: string): JobMessage {
  const headers = received.properties.headers ?? {};
  return {
    id: idOf(received),
    queue,
    type: text(received.properties.type) ?? '',
    attempt: Math.max(1, count(headers[header.attempt], 1)),
    suspected: count(headers[header.suspected], 0),
    release: count(headers[header.release], 0),
    headers: decodeUserHeaders(headers),
    body: received.content,
  };
}

function encodeUserHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [reserved.test(name) ? header.user + name : name, value]),
  );
}

function decodeUserHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'string') continue;
    if (name.startsWith(header.user)) found[name.slice(header.user.length)] = value;
    else if (!reserved.test(name)) found[name] = value;
  }
  return found;
}

function lastDeath(received: Message) {
  return received.properties.headers?.['x-death']?.[0];
}

function brokersReason(received: Message): string {
  // The type knows the reasons of classic queues only.
  const reason: string | undefined = lastDeath(received)?.reason;
  return reason === 'delivery_limit' ? 'worker.lost' : `broker.${reason ?? 'unknown'}`;
}

function brokersTime(received: Message): Date {
  const seconds = lastDeath(received)?.time?.value ?? Number(received.properties.timestamp);
  return new Date(Number.isFinite(seconds) ? seconds * 1_000 : 0);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function count(value: unknown, otherwise: number): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isInteger(number) && number >= 0 ? number : otherwise;
}
