import type { PublishedEvent, TransportEvent } from '@heavylift/core';
import type { LiveHearer } from '../live/live-events.js';
import { readableEvents } from '../live/readable-events.js';
import type { JobStore, News, Place } from '../store/index.js';
import { missingJob } from './missing-job.js';

/** How soon is seen what no notice told of: live events come at most once. */
const lookAgainMs = 1_000;
/** What another gateway is about to record has its event heard here first. */
const afterHearingMs = 25;
/** Of one look. */
const mostPlaces = 100;

export type FollowedStore = Pick<JobStore, 'news' | 'expiredAt'>;

/** Whoever hears one job: asks for what is next, tells it, and asks again. */
export interface JobFollower {
  /**
   * Resolves when there is something new: at the first call at once, if only to say that the job is there. With undefined once it has left.
   * @throws {Problem} 404; 410 when the job has expired
   */
  next(): Promise<Pick<News, 'events' | 'job'> | undefined>;
  leave(): void;
}

/**
 * Those who follow jobs at this gateway. One look at the store serves all for whom there may be news, and what comes up meanwhile is in the next: the
 * more they are, the fewer statements a job costs. Without news there is one look for all, a second apart.
 */
export class JobFollowers implements LiveHearer {
  readonly #store: FollowedStore;
  readonly #onAudience: () => void;
  readonly #all = new Map<string, Set<Follower>>();
  readonly #due = new Set<Follower>();
  readonly #heard = new Set<string>();
  #looking = false;
  #again: NodeJS.Timeout | undefined;
  #hearing: NodeJS.Timeout | undefined;

  /** `onAudience` hears that somebody follows a job now, or nobody any more. */
  constructor(store: FollowedStore, onAudience: () => void = () => {}) {
    this.#store = store;
    this.#onAudience = onAudience;
  }

  get hasAudience(): boolean {
    return this.#all.size > 0;
  }

  /** From the event after that number on; `withLogs` also wakes it when lines were, or may have been, kept. */
  follow(place: Place, { withLogs = false } = {}): JobFollower {
    const follower = new Follower(place, withLogs, {
      look: (due) => this.#lookFor(due),
      leave: (gone) => this.#remove(gone),
    });
    const isFirst = !this.hasAudience;
    const others = this.#all.get(place.jobId) ?? new Set();
    this.#all.set(place.jobId, others.add(follower));
    if (isFirst) this.#onAudience();
    this.#again ??= setInterval(() => this.changed(this.#all.keys()), lookAgainMs);
    return follower;
  }

  /** Something was recorded for these jobs. */
  changed(jobIds: Iterable<string>): void {
    for (const id of jobIds) {
      this.#heard.delete(id);
      for (const follower of this.#all.get(id) ?? []) follower.mayHaveNews();
    }
  }

  /** Live events, of which some will be recorded by other gateways, and some are by now. */
  hear(events: readonly TransportEvent[]): void {
    if (!this.hasAudience) return;
    for (const event of readableEvents(events)) if (this.#isFor(event)) this.#heard.add(event.jobId);
    if (this.#heard.size > 0) this.#hearing ??= setTimeout(() => this.#lookForHeard(), afterHearingMs);
  }

  #isFor({ kind, jobId }: PublishedEvent): boolean {
    const followers = this.#all.get(jobId);
    return followers !== undefined && (kind !== 'logged' || [...followers].some((one) => one.withLogs));
  }

  #lookForHeard(): void {
    this.#hearing = undefined;
    this.changed([...this.#heard]);
  }

  #remove(follower: Follower): void {
    this.#due.delete(follower);
    const { jobId } = follower;
    const others = this.#all.get(jobId);
    others?.delete(follower);
    if (others?.size === 0) this.#all.delete(jobId);
    if (this.#all.size > 0) return;
    clearInterval(this.#again);
    clearTimeout(this.#hearing);
    this.#again = this.#hearing = undefined;
    this.#heard.clear();
    this.#onAudience();
  }

  #lookFor(follower: Follower): void {
    this.#due.add(follower);
    if (!this.#looking) void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#due.size > 0) {
      const asked = [...this.#due].slice(0, mostPlaces);
      for (const follower of asked) this.#due.delete(follower);
      // One that was told meanwhile looks when it asks again.
      await this.#tell(asked.filter((follower) => follower.isWaiting));
    }
    this.#looking = false;
  }

  async #tell(asked: readonly Follower[]): Promise<void> {
    if (asked.length === 0) return;
    const places = new Map(asked.map((follower) => [keyOf(follower), follower.asks()]));
    try {
      const { news, missing } = await this.#store.news([...places.values()]);
      for (const jobId of missing) await this.#refuse(jobId);
      const found = new Map(news.map((one) => [keyOf(one), one]));
      for (const follower of asked) follower.hear(found.get(keyOf(follower)));
    } catch (error) {
      for (const follower of asked) follower.fail(error);
    }
  }

  async #refuse(jobId: string): Promise<void> {
    const problem = await missingJob(this.#store, jobId);
    for (const follower of [...(this.#all.get(jobId) ?? [])]) follower.fail(problem);
  }
}

type Heard = Pick<News, 'events' | 'job'>;

interface Waiting {
  resolve(heard: Heard | undefined): void;
  reject(error: unknown): void;
}

interface Desk {
  look(follower: Follower): void;
  leave(follower: Follower): void;
}

class Follower implements JobFollower {
  readonly jobId: string;
  readonly withLogs: boolean;
  readonly #desk: Desk;
  #after: number;
  #mayHaveNews = true;
  /** Until it is known that the job is there. */
  #isNew = true;
  #gone = false;
  #waiting: Waiting | undefined;

  constructor({ jobId, after }: Place, withLogs: boolean, desk: Desk) {
    this.jobId = jobId;
    this.#after = after;
    this.withLogs = withLogs;
    this.#desk = desk;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  get after(): number {
    return this.#after;
  }

  next(): Promise<Heard | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#gone) return resolve(undefined);
      this.#waiting = { resolve, reject };
      if (this.#mayHaveNews) this.#desk.look(this);
    });
  }

  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#desk.leave(this);
    this.#settle()?.resolve(undefined);
  }

  mayHaveNews(): void {
    this.#mayHaveNews = true;
    if (this.#waiting) this.#desk.look(this);
  }

  /** What comes from now on is not in the answer. */
  asks(): Place {
    this.#mayHaveNews = false;
    return { jobId: this.jobId, after: this.#after };
  }

  hear(news: Heard = { events: [] }): void {
    const { events, job } = news;
    if (events.length > 0 && !job) this.#mayHaveNews = true;
    if (events.length === 0 && !job && !this.#isNew && !this.withLogs) return;
    this.#isNew = false;
    this.#after = events.at(-1)?.seq ?? this.#after;
    this.#settle()?.resolve(news);
  }

  fail(error: unknown): void {
    this.#settle()?.reject(error);
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

function keyOf({ jobId, after }: Place): string {
  return `${after} ${jobId}`;
}
