import {
  type Consumption,
  decodeEvents,
  type EventKind,
  type JobEvent,
  type LoggedEvent,
  type Logger,
  type PublishedEvent,
  type Transport,
  type TransportEvent,
} from '@heavylift/core';
import { inParts } from '../in-parts.js';
import type { JobStore } from '../store/job-store.js';
import { queuedEventId } from '../store/queued-event.js';
import { StoreUnavailableError } from '../store/store-unavailable-error.js';
import { Bell } from './bell.js';
import { SparingLog } from './sparing-log.js';

export interface ProjectionOptions {
  readonly logger: Logger;
  /** Hears of jobs of which a run began though they had ended. */
  readonly tellOverrun?: (jobIds: readonly string[]) => Promise<void>;
}

export type ChangeListener = (jobIds: readonly string[]) => void;

/** The transport brings a refused batch again at once; this keeps it from spinning. */
const pauseMs = 500;
const mostEvents = 1_000;
/**
 * After a batch of a few events it takes no more for so long: those of the next moment share a transaction then, though they come one by one. An event alone
 * costs gateway and PostgreSQL 925 µs of processor, of two together each 518, of five 246. Less than followers wait before they look.
 */
const gatheredMs = 10;
const fewEvents = 32;
/** Each may have a hundred lines. */
const mostLogged = 100;

/**
 * Keeps the store in step with the events, for all gateways of the group together, and tells who listens here what changed. What handlers
 * wrote is kept before what happened, so that the lines of a job are there when it has ended. An event that cannot be read or stored is logged and dropped: it would stop all that come after it.
 */
export class Projection {
  readonly #store: Pick<JobStore, 'project' | 'addLogs'>;
  readonly #logger: Logger;
  readonly #log: SparingLog;
  readonly #listeners = new Set<ChangeListener>();
  readonly #tellOverrun: (jobIds: readonly string[]) => Promise<void>;
  readonly #bell = new Bell();
  #consumption: Consumption | undefined;
  #stopping = false;

  constructor(store: Pick<JobStore, 'project' | 'addLogs'>, options: ProjectionOptions) {
    this.#store = store;
    this.#logger = options.logger;
    this.#tellOverrun = options.tellOverrun ?? (async () => {});
    this.#log = new SparingLog(options.logger, 1_000);
  }

  /** Subscribes, as a member of the group `gateway`. */
  async start(transport: Pick<Transport, 'subscribe'>): Promise<void> {
    this.#consumption = await transport.subscribe((events) => this.#take(events), 'gateway', known);
  }

  /** Rejects when no event would come in now. */
  async check(): Promise<void> {
    if (!this.#consumption) throw new Error('records no events yet: waits for the broker');
    await this.#consumption.check();
  }

  /** Takes no more; resolves when what is in hand is recorded or given back. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#consumption?.stop();
  }

  /** Calls `listener` with the ids of jobs that got events, until the returned function is called. */
  onChange(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Records events that this process itself makes; answers with the jobs that got one.
   * @throws {StoreUnavailableError}
   */
  async record(events: readonly JobEvent[]): Promise<readonly string[]> {
    const { changed, overrun, unknown } = await this.#store.project(events);
    if (unknown.length > 0)
      this.#log.warn('events of unknown jobs were dropped', { jobIds: unknown.slice(0, 10) });
    if (overrun.length > 0) await this.#tellOverrun(overrun);
    if (changed.length > 0) for (const listener of this.#listeners) this.#tell(listener, changed);
    return changed;
  }

  async #take(batch: readonly TransportEvent[]): Promise<void> {
    const events = batch.flatMap((event) => this.#decode(event));
    const logged = events.filter((event) => event.kind === 'logged');
    const facts = events.filter((event) => event.kind !== 'logged').filter((event) => !isKnown(event));
    try {
      for (const part of inParts(logged, mostLogged)) await this.#keepOrDrop(part);
      for (const part of inParts(facts, mostEvents)) await this.#recordOrDrop(part);
    } catch (error) {
      this.#log.warn('events wait: the store cannot be used', { events: events.length, error });
      if (!this.#stopping) await this.#bell.wait(pauseMs);
      throw error;
    }
    const recorded = logged.length + facts.length;
    if (recorded > 0 && recorded <= fewEvents && !this.#stopping) await this.#bell.wait(gatheredMs);
  }

  #decode({ topic, body }: TransportEvent): PublishedEvent[] {
    try {
      return decodeEvents(body);
    } catch (error) {
      this.#log.warn('a message that holds no events was dropped', { topic, error });
      return [];
    }
  }

  async #keepOrDrop(logged: readonly LoggedEvent[]): Promise<void> {
    try {
      await this.#store.addLogs(logged);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      this.#logger.error('log lines that cannot be stored were dropped', { events: logged.length, error });
    }
  }

  /** When the store refuses a batch for what is in it, finds the event, and drops only that. */
  async #recordOrDrop(events: readonly JobEvent[]): Promise<void> {
    try {
      await this.record(events);
    } catch (error) {
      if (error instanceof StoreUnavailableError) throw error;
      if (events.length > 1) for (const event of events) await this.#recordOrDrop([event]);
      else this.#logger.error('an event that cannot be stored was dropped', { event: events[0], error });
    }
  }

  #tell(listener: ChangeListener, jobIds: readonly string[]): void {
    try {
      listener(jobIds);
    } catch (error) {
      this.#logger.error('a listener to changed jobs failed', { error });
    }
  }
}

/** Of these, every event {@link isKnown}. */
const known: readonly EventKind[] = ['queued'];

/** That a job waits is stored with it, or when it becomes due, and only then told to the others. */
function isKnown(event: JobEvent): boolean {
  return event.id === queuedEventId(event.jobId);
}
