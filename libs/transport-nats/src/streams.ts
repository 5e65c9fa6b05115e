import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  nanos,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from 'nats';

/** A stream as it is declared; what is not named keeps the server's default. */
export type StreamPlan = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'retention'>;

/** A durable pull consumer of a stream. */
export interface ConsumerPlan {
  readonly stream: string;
  readonly config: ConsumerConfig & { readonly durable_name: string };
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** A full stream refuses what is new; the default would silently drop what was accepted. */
const keepsAll = { storage: StorageType.File, discard: DiscardPolicy.New } as const;

export const jobsStream = {
  name: 'HEAVYLIFT_JOBS',
  subjects: ['heavylift.jobs.>'],
  retention: RetentionPolicy.Workqueue,
  // The longest outage in which a sender may repeat an unconfirmed send and still have it dropped.
  duplicate_window: nanos(10 * minuteMs),
  ...keepsAll,
} satisfies StreamPlan;

/** Jobs that wait for their time. Moved to the jobs stream when it comes. */
export const retryStream = {
  name: 'HEAVYLIFT_RETRY',
  subjects: ['heavylift.retry.>'],
  retention: RetentionPolicy.Workqueue,
  duplicate_window: nanos(10 * minuteMs),
  ...keepsAll,
} satisfies StreamPlan;

export const deadStream = {
  name: 'HEAVYLIFT_DEAD',
  subjects: ['heavylift.dead.>'],
  retention: RetentionPolicy.Limits,
  duplicate_window: nanos(10 * minuteMs),
  ...keepsAll,
} satisfies StreamPlan;

export const eventsStream = {
  name: 'HEAVYLIFT_EVENTS',
  subjects: ['heavylift.events.>'],
  retention: RetentionPolicy.Limits,
  max_age: nanos(7 * dayMs),
  storage: StorageType.File,
} satisfies StreamPlan;

/**
 * Keeps what the server says of a job that was handed on `maxDeliveries` times and never settled. The server leaves such a job in its
 * stream and never hands it on again; its advisory is a plain message that nobody may be there to hear.
 */
export const advisoriesStream = {
  name: 'HEAVYLIFT_ADVISORIES',
  subjects: [`$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${jobsStream.name}.>`],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  max_age: nanos(7 * dayMs),
} satisfies StreamPlan;

export const streams: readonly StreamPlan[] = [
  jobsStream,
  retryStream,
  deadStream,
  eventsStream,
  advisoriesStream,
];

/** Core subject of signals: no stream keeps it. */
export const controlSubject = 'heavylift.control';
export const allEvents = 'heavylift.events.>';

export const jobSubject = (queue: string): string => `heavylift.jobs.${queue}`;
export const retrySubject = (queue: string): string => `heavylift.retry.${queue}`;
export const deadSubject = (queue: string): string => `heavylift.dead.${queue}`;
export const eventSubject = (topic: string): string => `heavylift.events.${topic}`;

/** The queue of a subject of the jobs, retry or dead stream. */
export const queueOf = (subject: string): string =>
  subject.slice(subject.indexOf('.', subject.indexOf('.') + 1) + 1);
export const topicOf = queueOf;

/** JetStream allows no dots in the name of a consumer. */
export const durableOf = (name: string): string => name.replaceAll('.', '_');

/**
 * After so many hand-overs without a settlement the server gives up on a job. Far above any `maxAttempts`, as the core counts and
 * dead-letters long before; it only bounds a job that no worker lives long enough to look at.
 */
export const maxDeliveries = 100;

function durable(name: string, ackWaitMs: number): ConsumerPlan['config'] {
  return {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    // A limit would stall the queue once enough jobs run, or enough delays wait, anywhere.
    max_ack_pending: -1,
    max_waiting: 4_096,
  };
}

/** `deadLetters`: the queue under whose name its dead letters lie; written into the description, for clients that only find the queue. */
export function queueConsumer(queue: string, deadLetters: string, ackWaitMs: number): ConsumerPlan {
  return {
    stream: jobsStream.name,
    config: {
      ...durable(durableOf(queue), ackWaitMs),
      description: `dead letters: ${deadLetters}`,
      filter_subject: jobSubject(queue),
      max_deliver: maxDeliveries,
    },
  };
}

/** What the consumer of a queue says of its dead letters. */
export function deadLettersIn({ description }: Pick<ConsumerConfig, 'description'>): string | undefined {
  return /^dead letters: (\S+)$/.exec(description ?? '')?.[1];
}

export const delaysDurable = 'heavylift_delays';
export const sweepDurable = 'heavylift_sweep';

/** Shared by all clients that consume: whoever is there moves what has become due. */
export function delaysConsumer(ackWaitMs: number): ConsumerPlan {
  return { stream: retryStream.name, config: durable(delaysDurable, ackWaitMs) };
}

/** Shared by all clients that listen: whoever is there dead-letters what the server gave up on. */
export function sweepConsumer(ackWaitMs: number): ConsumerPlan {
  return { stream: advisoriesStream.name, config: durable(sweepDurable, ackWaitMs) };
}

/** `New`: a group gets what is published from its first subscription on, not the week before. */
export function groupConsumer(group: string, ackWaitMs: number): ConsumerPlan {
  const config = durable(durableOf(group), ackWaitMs);
  return {
    stream: eventsStream.name,
    config: { ...config, filter_subject: allEvents, deliver_policy: DeliverPolicy.New },
  };
}
