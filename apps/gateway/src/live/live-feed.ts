import type { Logger, TransportEvent } from '@heavylift/core';
import { SparingLog } from '../dispatch/sparing-log.js';
import { jobView } from '../jobs/job-view.js';
import type { JobStore } from '../store/index.js';
import type { LiveHearer } from './live-events.js';
import { type JobLine, type LiveMessage, type LiveTopic, liveTopics, mostJobs } from './live-message.js';
import type { Look } from './look.js';
import { readableEvents } from './readable-events.js';
import { TopicWatch } from './topic-watch.js';

export type LiveListener = (message: LiveMessage) => void;

export interface LiveFeedOptions {
  readonly store: Pick<JobStore, 'getAll'>;
  readonly looks: Readonly<Record<LiveTopic, Look>>;
  readonly logger: Logger;
  /** Hears that somebody listens now, or nobody any more. */
  readonly onAudience?: () => void;
}

const everyMs = 500;
/** What another gateway records may come a moment after its event is heard. */
const lookAgainMs = 2_000;

/**
 * Tells what changes: jobs that something happened to, at most twice a second, and of all else the present state, first at once and then when it is
 * another. It looks for all listeners together, and only while there are any. What cannot be looked at is not told; `health` says why.
 */
export class LiveFeed implements LiveHearer {
  readonly #options: LiveFeedOptions;
  readonly #log: SparingLog;
  readonly #listeners = new Set<LiveListener>();
  readonly #watches: ReadonlyMap<LiveTopic, TopicWatch>;
  readonly #changed = new Set<string>();
  readonly #later = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #telling = false;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#log = new SparingLog(options.logger, 60_000);
    const tell = (message: LiveMessage): void => this.#tell(message);
    this.#watches = new Map(
      liveTopics.map((topic) => [topic, new TopicWatch(topic, options.looks[topic], tell)]),
    );
  }

  /** These jobs changed, here or by the word of another gateway. */
  changed(jobIds: readonly string[]): void {
    if (this.#listeners.size > 0) for (const id of jobIds) this.#changed.add(id);
  }

  /** This gateway knows that these changed: looks at once. */
  lookAt(...topics: readonly LiveTopic[]): void {
    if (this.#listeners.size === 0) return;
    for (const topic of topics) {
      const watch = this.#watches.get(topic)!;
      watch.expire();
      void this.#look(watch);
    }
  }

  get hasAudience(): boolean {
    return this.#listeners.size > 0;
  }

  /** What other gateways record. */
  hear(events: readonly TransportEvent[]): void {
    if (!this.hasAudience) return;
    // Lines change nothing that a list shows.
    const ids = readableEvents(events).flatMap(({ kind, jobId }) => (kind === 'logged' ? [] : jobId));
    this.changed(ids);
    const timer = setTimeout(() => (this.#later.delete(timer), this.changed(ids)), lookAgainMs);
    this.#later.add(timer);
  }

  /** What other gateways recorded a moment ago was not heard: who listens reads his lists again. */
  begins(): void {
    this.#tell({ event: 'jobs', data: { items: [], more: true } });
  }

  /** Calls `listener`, first with each topic as it is, until the returned function is called. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    for (const { told } of this.#watches.values()) if (told) listener(told);
    this.#timer ??= setInterval(() => this.#tick(), everyMs);
    this.#tick();
    if (this.#listeners.size === 1) this.#options.onAudience?.();
    return () => this.#leave(listener);
  }

  close(): void {
    for (const timer of this.#later) clearTimeout(timer);
    this.#listeners.clear();
    this.#rest();
  }

  #leave(listener: LiveListener): void {
    if (!this.#listeners.delete(listener) || this.hasAudience) return;
    this.#rest();
    this.#options.onAudience?.();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#changed.clear();
    for (const watch of this.#watches.values()) watch.forget();
  }

  #tick(): void {
    void this.#tellJobs();
    for (const watch of this.#watches.values()) void this.#look(watch);
  }

  async #look(watch: TopicWatch): Promise<void> {
    await watch.look().catch((error: unknown) => this.#warn(error));
  }

  async #tellJobs(): Promise<void> {
    if (this.#telling || this.#changed.size === 0) return;
    this.#telling = true;
    const all = [...this.#changed];
    const ids = all.slice(-mostJobs);
    this.#changed.clear();
    try {
      const jobs = await this.#options.store.getAll(ids);
      this.#tell({ event: 'jobs', data: { items: jobs.map(lineOf), more: all.length > ids.length } });
    } catch (error) {
      this.changed(all);
      this.#warn(error);
    } finally {
      this.#telling = false;
    }
  }

  #tell(message: LiveMessage): void {
    for (const listener of this.#listeners) listener(message);
  }

  /** What fails when nobody listens, as when the gateway goes, nobody misses. */
  #warn(error: unknown): void {
    if (this.#listeners.size > 0)
      this.#log.warn('what changed was not told to who follows it; told once it can be read', { error });
  }
}

function lineOf(job: Parameters<typeof jobView>[0]): JobLine {
  const { payload: _payload, result: _result, ...line } = jobView(job);
  return line;
}
