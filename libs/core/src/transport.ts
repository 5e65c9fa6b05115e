import type { Allowance } from './allowance.js';
import type { EventKind } from './job-event.js';

/**
 * The port to a broker: all that Heavylift asks of one. Its promises are cases of `libs/transport-conformance`.
 *
 * Two lanes of traffic. **Jobs** are settled by one worker; **events** are facts, handed to every group and to everyone who
 * listens live. A third, small one carries **signals**: at most once, to whoever is there.
 */
export interface Transport {
  /** For logs and health, never for branching. */
  readonly name: string;

  /**
   * Names the place that keeps what was sent: two values are equal when a message sent under the first is still there
   * under the second. A transport that forgets at its end makes a new one at each start. Valid after `connect`.
   */
  readonly keeper: string;

  /** Connects and declares what is missing. Idempotent; a later call may add queues. Waits at most a few seconds. */
  connect(queues: readonly QueueSpec[]): Promise<void>;

  /**
   * Resolves once the message is durably accepted and routable: a resolved `send` survives a broker restart.
   * @throws {TransportError} when refused or not confirmed in time. It may have been stored all the same: send it again.
   */
  send(message: JobMessage, options?: { readonly delayMs?: number }): Promise<void>;

  /**
   * Hands jobs of the queues to `process`, at most `concurrency` unsettled at a time in all, and none that cannot start now. The queues of an
   * earlier tier go first; those of a later one still move while an earlier one is never empty. Survives a lost connection: it resumes by itself.
   * With an {@link Allowance} the limits may change at any time: a queue without room is left alone, and what is in hand goes on.
   */
  consume(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    process: Process,
  ): Promise<Consumption>;

  /**
   * Resolves once the event is durably accepted. `topic` is `<kind>.<job type>`, like `succeeded.video.transcode`. `outlives`: only once it would
   * outlive this process; a transport that forgets at its end waits for that until the groups have taken the event.
   * @throws {TransportError} when refused or not confirmed in time. It may have been accepted all the same: publish it again.
   */
  publish(topic: string, body: Uint8Array, options?: PublishOptions): Promise<void>;

  /**
   * Hands on events, in the order of their publisher, in batches as they come. With a `group`: durable and shared by its members, from
   * the group's first subscription on; a batch whose listener rejects comes again. Without: live, to everyone, at most once.
   * A transport may keep from a group what it says that it does `without`.
   */
  subscribe(listener: Listener, group?: string, without?: readonly EventKind[]): Promise<Consumption>;

  /** Tells everyone who is connected now, at most once: cancel, pause, drain. */
  signal(body: Uint8Array): Promise<void>;
  onSignal(listener: (body: Uint8Array) => void): Promise<Consumption>;

  /**
   * Tells of each job that the broker itself gave up on, which is among the dead letters then: nobody else hears of such an end. Shared by all who
   * listen; what comes while nobody does is kept. Told again when the listener rejects, and now and then twice.
   */
  onGivenUp(listener: (letter: DeadLetter) => Promise<void>): Promise<Consumption>;

  /** The oldest dead letters kept under a queue's name; looking changes nothing. */
  deadLetters(queue: string, limit: number): Promise<DeadLetter[]>;

  /**
   * Takes dead letters away for good: those of each job up to the attempt that goes with its id, so that a later death stays. Says how many it found.
   * The others stay as they are, in their order. When it rejects, some may be gone: call it again. Where several look or take at the same time,
   * one may miss what another has in hand.
   */
  discard(queue: string, upTo: ReadonlyMap<string, number>): Promise<number>;

  inspect(queue: string): Promise<QueueDepth>;

  /** Rejects when the broker cannot be used now. */
  check(): Promise<void>;

  /** Ends what `consume` and `subscribe` started, then disconnects. Every other call rejects from now on. */
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly outlives?: boolean;
}

export interface QueueSpec {
  /** Like `video.transcode`. */
  readonly name: string;
  /** The queue among whose dead letters its own are kept, so that several may share a place. Default: itself. */
  readonly deadLetters?: string;
}

/** A job on its way. `body` and `headers` come out as they went in. */
export interface JobMessage {
  /** The job's id. A broker that can, drops a second send of the same id, attempt and release. */
  readonly id: string;
  readonly queue: string;
  /** What the body is, for people who look into the broker: `heavylift.job.video.transcode.v1`. */
  readonly type: string;
  /** The number of the next attempt, from 1; runs that are only suspected are not counted. */
  readonly attempt: number;
  /**
   * How often a holder of this message was lost before it was settled. Each may have begun a run, or not: who knows the job's events can tell. A retry
   * starts again from 0, a release keeps it.
   */
  readonly suspected: number;
  /** How often the job was released so far, or sent anew because its broker had lost it. */
  readonly release: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One hand-over of a job to a worker. */
export interface Delivery {
  /** `message.attempt` grows with a retry, `message.suspected` with each holder that was lost, `message.release` with a release. */
  readonly message: JobMessage;
  /** Aborts when the broker will give, or has given, the job to another: the lease is lost. */
  readonly lost: AbortSignal;
}

/** A `process` that throws, releases. */
export type Process = (delivery: Delivery) => Promise<Settlement>;

/**
 * How a delivery ends. The next message is safe before the old one goes: a crash in between duplicates, never loses. `attempt` and `release` are those of the
 * run that ended, where it was found out that more had happened than the message bears; default: the message's.
 */
export type Settlement =
  | { readonly kind: 'complete' }
  /** Again after `delayMs`, as the next attempt; costs no slot meanwhile. */
  | { readonly kind: 'retry'; readonly delayMs: number; readonly attempt?: number; readonly release?: number }
  /** Back on the queue, as the same attempt: at once, or after `delayMs`. */
  | {
      readonly kind: 'release';
      readonly delayMs?: number;
      readonly attempt?: number;
      readonly release?: number;
    }
  /** Never again without a person. `reason` is short, like `payload.invalid`. */
  | {
      readonly kind: 'deadLetter';
      readonly reason: string;
      readonly detail?: string;
      readonly attempt?: number;
      readonly release?: number;
    };

export interface Consumption {
  /** Takes no more; resolves when what is in hand is settled. */
  stop(): Promise<void>;

  /**
   * Rejects when nothing would come in now, though there is room for it: not what was once begun counts, but what the broker answers on the
   * way on which it would come. Takes a few seconds at most.
   */
  check(): Promise<void>;
}

export interface TransportEvent {
  readonly topic: string;
  readonly body: Uint8Array;
}

export type Listener = (events: readonly TransportEvent[]) => Promise<void>;

export interface DeadLetter {
  readonly message: JobMessage;
  /** As the settlement said. The broker's own: `worker.lost` after too many deliveries, else like `broker.expired`, `broker.rejected`. */
  readonly reason: string;
  readonly detail?: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Counts as the broker gives them; `undefined` where it cannot know. */
export interface QueueDepth {
  /** Waiting for a worker, delayed ones not included. */
  readonly ready: number;
  /** With a worker, not settled. */
  readonly inFlight?: number;
  readonly deadLettered: number;
}
