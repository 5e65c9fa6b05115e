import { EventPublisher, type JobEvent, type Logger, nextSending, type Transport } from '@heavylift/core';
import type { Sender } from '../store/group-commit.js';
import { recordOfAccepted } from '../store/job-rows.js';
import type { JobStore, NewJob } from '../store/job-store.js';
import type { Hold, Outbox, Outgoing } from '../store/outbox.js';
import { queuedEvent } from '../store/queued-event.js';
import { Bell } from './bell.js';
import { DispatchNotes } from './dispatch-notes.js';
import { LeaseRenewal } from './lease-renewal.js';
import { delayOf, messageOf } from './message-of.js';
import { SparingLog } from './sparing-log.js';

export interface OutboxRelayOptions {
  /** Names this process in the messages, a URI reference like `/gateway/host-1`. */
  readonly source: string;
  readonly logger: Logger;
  /** Records the `queued` event of jobs that became due. Default: the store alone; give the projection's, and its listeners hear of it. */
  readonly record?: (events: readonly JobEvent[]) => Promise<unknown>;
  /** How often the store is asked unless woken or a job becomes due, in milliseconds. Default: 1,000. */
  readonly pollMs?: number;
  /** Default: `Date.now`. */
  readonly now?: () => number;
}

/** Jobs that become due within such a time leave together. */
const togetherMs = 50;
const batch = 200;
const mostLanes = 4;
/** Of jobs that are sent past the outbox; when the broker is slower than the clients, the store keeps what waits, not this process. */
const mostHeld = 1_000;
/** Renewed while a message is on its way, so that only what a dead relay had in hand is waited for. */
const leaseMs = 9_000;
/** While the broker is away, a few jobs ask whether it is back; the pause between doubles from the first to the last. */
const probe = 10;
const firstPauseMs = 250;
/** Longer than from one try to the next. */
const refusalCountsMs = 15_000;
const lastPauseMs = 2_000;

/**
 * Sends what the store holds and no broker has confirmed. A broker that is away costs nothing but time: jobs wait in the store. A
 * message may be sent twice, after a crash between its confirmation and the note of it, never none.
 *
 * Batches go out side by side in up to four lanes, so that one stuck message holds up only its own. A job that is refused while others pass
 * waits by itself.
 */
export class OutboxRelay implements Sender {
  readonly #store: Outbox & Pick<JobStore, 'project'>;
  readonly #transport: Pick<Transport, 'send' | 'publish' | 'keeper'>;
  readonly #events: EventPublisher;
  readonly #source: string;
  readonly #logger: Logger;
  readonly #record: (events: readonly JobEvent[]) => Promise<unknown>;
  readonly #pollMs: number;
  readonly #now: () => number;
  readonly #log: SparingLog;
  readonly #bell = new Bell();
  readonly #lanes = new Set<Promise<void>>();
  readonly #sending = new Set<Promise<void>>();
  readonly #notes: DispatchNotes;
  #held = 0;
  #loop: Promise<void> | undefined;
  #stopping = false;
  /** When the next lane may start; real time. */
  #nextTurn = 0;
  #pauseMs = 0;
  #pausedUntil = 0;
  #adoptedFor: string | undefined;
  /** Of the last message that was refused, unless one was confirmed since. */
  #refusal: { readonly why: string; readonly at: number } | undefined;

  constructor(
    store: Outbox & Pick<JobStore, 'project'>,
    transport: Pick<Transport, 'send' | 'publish' | 'keeper'>,
    options: OutboxRelayOptions,
  ) {
    this.#store = store;
    this.#transport = transport;
    this.#events = new EventPublisher(transport);
    this.#source = options.source;
    this.#logger = options.logger;
    this.#record = options.record ?? ((events) => store.project(events));
    this.#pollMs = options.pollMs ?? 1_000;
    this.#now = options.now ?? Date.now;
    this.#log = new SparingLog(options.logger, 1_000);
    this.#notes = new DispatchNotes(store, this.#log);
  }

  /** Starts sending, once the transport is connected; jobs that another keeper held are sent anew. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Says that the store has something new. Without it, a job waits for the next poll. */
  wake(): void {
    this.#nextTurn = Math.min(this.#nextTurn, this.#pausedUntil);
    this.#bell.ring();
  }

  /** A hold on jobs that are about to be stored, while the broker takes what it is given. */
  hold(jobs: number): Hold | undefined {
    // Before the transport is connected, it knows no keeper and may refuse to be asked.
    const keeper = this.#adoptedFor;
    const isReady = keeper !== undefined && !this.#stopping && this.#pauseMs === 0;
    if (!isReady || this.#transport.keeper !== keeper || this.#held + jobs > mostHeld) return undefined;
    return { keeper, leaseMs };
  }

  /** Sends at once what was stored under a hold; the rest is found in the store. */
  accepted(jobs: readonly NewJob[], hold: Hold | undefined): void {
    const held = hold ? jobs.filter(({ dueAt }) => dueAt === undefined) : [];
    if (held.length < jobs.length) this.wake();
    if (!hold || held.length === 0) return;
    const sending = this.#sendHeld(held, hold.keeper).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }

  /** Rejects when the broker takes no jobs now, though it can be reached. */
  async check(): Promise<void> {
    if (this.#refusal && Date.now() - this.#refusal.at < refusalCountsMs)
      throw new Error(`jobs wait: ${this.#refusal.why}`);
  }

  /** Takes no more; resolves when what is on its way is confirmed or refused. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const waitMs = this.#lanes.size < this.#lanesAllowed ? this.#nextTurn - Date.now() : this.#pollMs;
      if (waitMs > 0) await this.#bell.wait(waitMs);
      else this.#startLane();
    }
    await Promise.all([...this.#lanes, ...this.#sending]);
    await this.#notes.close();
  }

  get #lanesAllowed(): number {
    return this.#pauseMs > 0 ? 1 : mostLanes;
  }

  #startLane(): void {
    this.#nextTurn = Date.now() + this.#pollMs;
    const lane = this.#lane().finally(() => {
      this.#lanes.delete(lane);
      this.#bell.ring();
    });
    this.#lanes.add(lane);
  }

  /** Sends batch after batch until the outbox has no more, or the broker or the store fails. */
  async #lane(): Promise<void> {
    try {
      const since = this.#now();
      while (!this.#stopping && (await this.#dispatch())) this.wake();
      if (!this.#stopping) await this.#aimAtNextDue(since);
    } catch (error) {
      this.#pause();
      this.#log.warn('jobs wait: they could not be taken from the store', { error });
    }
  }

  /** A job that becomes due before the next poll, or became so since `since`, does not wait for that. */
  async #aimAtNextDue(since: number): Promise<void> {
    const due = await this.#store.nextDue(since);
    if (due === undefined || due > this.#now() + this.#pollMs) return;
    const turn = Date.now() + Math.max(due - this.#now(), togetherMs);
    this.#nextTurn = Math.min(this.#nextTurn, Math.max(turn, this.#pausedUntil));
  }

  /** True when it went well and there may be more. */
  async #dispatch(): Promise<boolean> {
    const keeper = this.#transport.keeper;
    // Not connected yet: under no name at all, every job would seem to be kept by another.
    if (keeper === '') return false;
    await this.#adopt(keeper);
    const limit = this.#pauseMs > 0 ? probe : batch;
    const outgoing = await this.#store.takeUndispatched(keeper, limit, leaseMs);
    if (outgoing.length === 0) return false;
    const confirmed = await this.#deliver(outgoing, keeper);
    await this.#store.markDispatched([...confirmed], keeper);
    return confirmed.size > 0 && outgoing.length === limit;
  }

  async #sendHeld(jobs: readonly NewJob[], keeper: string): Promise<void> {
    this.#held += jobs.length;
    try {
      const records = jobs.map((job) => recordOfAccepted(job, this.#now()));
      const outgoing = records.map((job) => ({ job, ...nextSending(job) }));
      this.#notes.add(await this.#deliver(outgoing, keeper), keeper);
    } catch (error) {
      this.#log.warn('jobs wait longer: that the broker did not take them could not be noted', { error });
    } finally {
      this.#held -= jobs.length;
    }
  }

  /** Says which the broker has confirmed; the others wait in the outbox. */
  async #deliver(outgoing: readonly Outgoing[], keeper: string): Promise<ReadonlySet<string>> {
    const renewal = this.#renewLeases(outgoing);
    const sent = await this.#recordDue(outgoing)
      .then(() => this.#sendAll(outgoing))
      .finally(() => renewal.end());
    // Went to whom? They are sent again.
    const confirmed = this.#transport.keeper === keeper ? sent : new Set<string>();
    await this.#giveBack(outgoing, confirmed);
    return confirmed;
  }

  #renewLeases(outgoing: readonly Outgoing[]): LeaseRenewal {
    const ids = outgoing.map(({ job }) => job.id);
    return new LeaseRenewal(leaseMs / 3, async () => {
      try {
        await this.#store.releaseUndispatched(ids, leaseMs);
      } catch (error) {
        this.#log.warn('leases on jobs that are being sent were not renewed', { error });
      }
    });
  }

  async #adopt(keeper: string): Promise<void> {
    if (this.#adoptedFor === keeper) return;
    const jobs = await this.#store.adopt(keeper);
    this.#adoptedFor = keeper;
    if (jobs > 0) this.#logger.info('jobs that the broker does not hold are sent again', { jobs });
  }

  async #recordDue(outgoing: readonly Outgoing[]): Promise<void> {
    const due = outgoing.filter(({ job }) => job.status === 'scheduled');
    const at = new Date(this.#now()).toISOString();
    if (due.length > 0) await this.#record(due.map(({ job }) => queuedEvent(job, at)));
  }

  async #sendAll(outgoing: readonly Outgoing[]): Promise<Set<string>> {
    const confirmed = new Set<string>();
    await Promise.all(
      outgoing.map(async (one) => {
        if (await this.#send(one)) confirmed.add(one.job.id);
      }),
    );
    return confirmed;
  }

  async #send(outgoing: Outgoing): Promise<boolean> {
    const { id: jobId, type: jobType } = outgoing.job;
    try {
      const delayMs = delayOf(outgoing, this.#now());
      const announced = this.#announce(outgoing);
      await this.#transport.send(messageOf(outgoing, this.#source), delayMs > 0 ? { delayMs } : {});
      await announced;
      this.#refusal = undefined;
      return true;
    } catch (error) {
      this.#refusal = { why: (error as Error).message, at: Date.now() };
      this.#log.warn('jobs wait: the broker did not confirm', { jobId, jobType, error });
      return false;
    }
  }

  /** Tells others that a new job waits. The store knows already, so this is best effort. */
  async #announce({ job, attempt, release }: Outgoing): Promise<void> {
    if (attempt !== 1 || release !== 0) return;
    const event = queuedEvent(job, job.queuedAt ?? new Date(this.#now()).toISOString());
    try {
      await this.#events.publish(event);
    } catch (error) {
      this.#log.warn('event "queued" was not published', { jobId: job.id, error });
    }
  }

  async #giveBack(outgoing: readonly Outgoing[], confirmed: ReadonlySet<string>): Promise<void> {
    const refused = outgoing.map(({ job }) => job.id).filter((id) => !confirmed.has(id));
    if (confirmed.size > 0) this.#resume();
    else this.#pause();
    // Longer than the pause of the relay: else the same few that cannot be sent would be all that it ever tries.
    await this.#store.releaseUndispatched(refused, 2 * (this.#pauseMs || firstPauseMs));
  }

  #pause(): void {
    if (Date.now() < this.#pausedUntil) return; // Another lane met the same trouble just now.
    this.#pauseMs = Math.min(lastPauseMs, this.#pauseMs * 2 || firstPauseMs);
    this.#pausedUntil = Date.now() + this.#pauseMs;
    this.#nextTurn = this.#pausedUntil;
  }

  #resume(): void {
    this.#pauseMs = 0;
    this.#pausedUntil = 0;
  }
}
