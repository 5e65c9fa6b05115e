import { decodeEvents, type Logger, type Transport, type TransportEvent } from '@heavylift/core';
import { jobView, type JobView } from '../jobs/job-view.js';
import type { JobStore } from '../store/index.js';

/** A job as lists show it. */
export type JobLine = Omit<JobView, 'payload' | 'result'>;

export interface LiveMessage {
  readonly event: 'jobs' | 'counts';
  readonly data: unknown;
}

export type LiveListener = (message: LiveMessage) => void;

export interface LiveFeedOptions {
  readonly store: Pick<JobStore, 'getAll' | 'counts'>;
  readonly logger: Logger;
}

const everyMs = 500;
/** Counting costs a look at every job, so it is done less often. */
const countEveryMs = 2_000;
/** What another gateway records may come a moment after its event is heard. */
const lookAgainMs = 2_000;
/** More at once no list shows. */
const mostJobs = 200;

/**
 * Tells what changes, for lists and counters: jobs that something happened to, at most twice a second, and how many jobs there are of each status. It
 * works only while somebody listens.
 */
export class LiveFeed {
  readonly #options: LiveFeedOptions;
  readonly #listeners = new Set<LiveListener>();
  readonly #changed = new Set<string>();
  readonly #later = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #telling = false;
  #countedAt = 0;
  #counts = '';

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** These jobs changed, here or by the word of another gateway. */
  changed(jobIds: readonly string[]): void {
    if (this.#listeners.size > 0) for (const id of jobIds) this.#changed.add(id);
  }

  /** Hears of what other gateways record, until the transport is closed. */
  async follow(transport: Pick<Transport, 'subscribe'>): Promise<void> {
    await transport.subscribe(async (events) => this.#heard(events));
  }

  /** Calls `listener`, first with the counts as they are, until the returned function is called. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    this.#counts = '';
    this.#countedAt = 0;
    this.#timer ??= setInterval(() => void this.#tick(), everyMs);
    void this.#tick();
    return () => this.#leave(listener);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const timer of this.#later) clearTimeout(timer);
    this.#listeners.clear();
  }

  #leave(listener: LiveListener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
  }

  #heard(events: readonly TransportEvent[]): void {
    if (this.#listeners.size === 0) return;
    const ids = events.flatMap(({ body }) => jobIdsOf(body));
    this.changed(ids);
    const timer = setTimeout(() => (this.#later.delete(timer), this.changed(ids)), lookAgainMs);
    this.#later.add(timer);
  }

  async #tick(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      await this.#tellJobs();
      await this.#tellCounts();
    } catch (error) {
      this.#options.logger.warn('changes were not told to who follows the lists', { error });
    } finally {
      this.#telling = false;
    }
  }

  async #tellJobs(): Promise<void> {
    if (this.#changed.size === 0) return;
    const ids = [...this.#changed].slice(-mostJobs);
    const more = this.#changed.size > ids.length;
    this.#changed.clear();
    const jobs = await this.#options.store.getAll(ids);
    this.#tell({ event: 'jobs', data: { items: jobs.map(lineOf), more } });
  }

  async #tellCounts(): Promise<void> {
    if (Date.now() - this.#countedAt < countEveryMs) return;
    this.#countedAt = Date.now();
    const counts = await this.#options.store.counts();
    const text = JSON.stringify(counts);
    if (text === this.#counts) return;
    this.#counts = text;
    this.#tell({ event: 'counts', data: counts });
  }

  #tell(message: LiveMessage): void {
    for (const listener of this.#listeners) listener(message);
  }
}

function lineOf(job: Parameters<typeof jobView>[0]): JobLine {
  const { payload: _payload, result: _result, ...line } = jobView(job);
  return line;
}

/** Lines change nothing that a list shows. What cannot be read the projection complains of. */
function jobIdsOf(body: Uint8Array): string[] {
  try {
    return decodeEvents(body).flatMap((event) => (event.kind === 'logged' ? [] : event.jobId));
  } catch {
    return [];
  }
}
