import { type EventKind, eventKinds, type PublishedEvent } from '@heavylift/core';

/** All names and arguments that this transport declares in RabbitMQ, as data. */

export const exchanges = {
  jobs: 'heavylift.jobs',
  retry: 'heavylift.retry',
  custody: 'heavylift.custody',
  dead: 'heavylift.dead',
  events: 'heavylift.events',
  control: 'heavylift.control',
} as const;

export const exchangeTypes = {
  [exchanges.jobs]: 'direct',
  [exchanges.retry]: 'direct',
  [exchanges.custody]: 'direct',
  [exchanges.dead]: 'direct',
  [exchanges.events]: 'topic',
  [exchanges.control]: 'fanout',
} as const;

export interface Binding {
  readonly exchange: string;
  readonly keys: readonly string[];
  /** Keys by which it may be bound from earlier times. */
  readonly former?: readonly string[];
}

export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  /** Only for the connection that declares it, and gone with it. */
  readonly exclusive?: boolean;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly binding: Binding;
}

/**
 * How often a work queue hands on one message before the broker dead-letters it. Only a net for a job that kills its worker before
 * the worker can count: the core's own limit on attempts is far below. The default of RabbitMQ 4, 20, could come before it.
 */
const deliveryLimit = 1_000;

/** Where no limit is wanted it must be said: RabbitMQ 4 drops after 20 deliveries, and each look at a dead letter is one. */
const unlimited = 1_000_000_000;

/** Without `reject-publish` the broker falls back to dead-lettering at most once, without a word. */
const safeDeadLettering = {
  'x-queue-type': 'quorum',
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const;

export function deadQueueName(queue: string): string {
  return `${queue}.dead`;
}

/** `deadLetters` is the queue whose dead-letter queue serves it. */
export function workQueue(queue: string, deadLetters: string): QueueDeclaration {
  return {
    name: queue,
    durable: true,
    arguments: {
      ...safeDeadLettering,
      'x-dead-letter-exchange': exchanges.dead,
      'x-dead-letter-routing-key': deadLetters,
      'x-delivery-limit': deliveryLimit,
    },
    binding: { exchange: exchanges.jobs, keys: [queue] },
  };
}

export function deadQueue(queue: string): QueueDeclaration {
  return {
    name: deadQueueName(queue),
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': unlimited },
    binding: { exchange: exchanges.dead, keys: [queue] },
  };
}

/** More than a gateway ever lets lie; while there is none, the oldest go first: the dead letters themselves stay. */
const noticesLength = 10_000;

/** Gets a copy of each dead letter, so that somebody hears of those that the broker made by itself. */
export function noticesQueue(deadLetters: string): QueueDeclaration {
  return {
    name: 'heavylift.dead.notices',
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': unlimited,
      'x-max-length': noticesLength,
      'x-overflow': 'drop-head',
    },
    binding: { exchange: exchanges.dead, keys: [deadLetters] },
  };
}

/** Holds each message for the step's time, then hands it to the work queue that its routing key names. */
export function delayQueue(step: DelayStep): QueueDeclaration {
  return {
    name: `heavylift.retry.${step.name}`,
    durable: true,
    arguments: {
      ...safeDeadLettering,
      'x-dead-letter-exchange': exchanges.jobs,
      'x-message-ttl': step.ms,
      'x-delivery-limit': unlimited,
    },
    binding: { exchange: exchanges.retry, keys: [step.name] },
  };
}

/** Long enough for a copy to reach the worker that waits for it; and the most that a dead worker's job waits in excess. */
const custodyTtlMs = 3_000;

/** A dead worker's queue is empty within seconds, or as soon as the work queues can be reached again. */
const custodyExpiresMs = 60 * 60 * 1_000;

/**
 * Holds the copies of jobs that run long in one consumption. One that nobody holds any more is past its time, and goes to the work queue
 * that its routing key names.
 */
export function custodyQueue(owner: string): QueueDeclaration {
  const name = `heavylift.custody.${owner}`;
  return {
    name,
    durable: true,
    arguments: {
      ...safeDeadLettering,
      'x-dead-letter-exchange': exchanges.jobs,
      'x-message-ttl': custodyTtlMs,
      'x-expires': custodyExpiresMs,
      'x-delivery-limit': unlimited,
    },
    binding: { exchange: exchanges.custody, keys: [name] },
  };
}

/** A topic begins with the kind of its events. */
const kinds: readonly PublishedEvent['kind'][] = [...eventKinds, 'logged'];

/**
 * Without what its group has no use for, which the broker then neither stores nor delivers.
 *
 * Measured at 200 `queued` events a second: each costs the broker 150 µs instead of 480.
 */
export function groupQueue(group: string, without: readonly EventKind[] = []): QueueDeclaration {
  const used = kinds.filter((kind) => !without.some((one) => one === kind)).map((kind) => `${kind}.#`);
  return {
    name: `heavylift.events.${group}`,
    durable: true,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': unlimited },
    binding: {
      exchange: exchanges.events,
      ...(without.length > 0 ? { keys: used, former: ['#'] } : { keys: ['#'] }),
    },
  };
}

/** The most that waits for a slow live listener; the oldest go first, for live is at most once. */
const liveLength = 10_000;

export function liveQueue(name: string): QueueDeclaration {
  return listenerQueue(`heavylift.events.live.${name}`, exchanges.events, '#');
}

export function signalQueue(name: string): QueueDeclaration {
  return listenerQueue(`heavylift.control.${name}`, exchanges.control, '');
}

function listenerQueue(name: string, exchange: string, key: string): QueueDeclaration {
  const limits = { 'x-max-length': liveLength, 'x-overflow': 'drop-head' };
  return { name, durable: false, exclusive: true, arguments: limits, binding: { exchange, keys: [key] } };
}

export interface DelayStep {
  /** Ends the name of its queue: `heavylift.retry.5s`. */
  readonly name: string;
  readonly ms: number;
}

const second = 1_000;
const minute = 60 * second;

export const delaySteps: readonly DelayStep[] = [
  { name: '100ms', ms: 100 },
  { name: '200ms', ms: 200 },
  { name: '500ms', ms: 500 },
  { name: '1s', ms: second },
  { name: '2s', ms: 2 * second },
  { name: '5s', ms: 5 * second },
  { name: '10s', ms: 10 * second },
  { name: '20s', ms: 20 * second },
  { name: '30s', ms: 30 * second },
  { name: '1m', ms: minute },
  { name: '2m', ms: 2 * minute },
  { name: '5m', ms: 5 * minute },
  { name: '10m', ms: 10 * minute },
  { name: '20m', ms: 20 * minute },
  { name: '30m', ms: 30 * minute },
  { name: '1h', ms: 60 * minute },
];
