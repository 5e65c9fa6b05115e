import type { Allowance } from './allowance.js';
import { priorities, laneOf } from './lanes.js';
import type { QueueOrder } from './signal.js';
import { TokenBucket } from './token-bucket.js';
import type { World } from './worker-environment.js';

/** A timer cannot be set for longer. */
const longestTimerMs = 2 ** 31 - 1;
const orderedWithinMs = 3_000;

/**
 * What a worker may start now: its concurrency, whether it is drained, and what its queues are ordered to do. Nothing starts before it has
 * heard the orders; when no gateway is there to give any, it begins after three seconds without.
 */
export class WorkerLimits implements Allowance {
  readonly #world: Pick<World, 'now' | 'random'>;
  readonly #jobTypeOf: ReadonlyMap<string, string>;
  readonly #paused = new Set<string>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #listeners = new Set<() => void>();
  #unordered: NodeJS.Timeout | undefined;
  #concurrency: number;
  #draining = false;
  #ordered = false;

  constructor(jobTypes: readonly string[], concurrency: number, world: Pick<World, 'now' | 'random'>) {
    this.#world = world;
    this.#concurrency = concurrency;
    this.#jobTypeOf = new Map(
      jobTypes.flatMap((jobType) => priorities.map((priority) => [laneOf(jobType, priority), jobType])),
    );
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /** True from `drain` to `resume`. */
  get draining(): boolean {
    return this.#draining;
  }

  room(queue: string): number {
    const jobType = this.jobTypeOf(queue);
    if (!this.#ordered || this.#draining || this.#paused.has(jobType)) return 0;
    return this.#buckets.get(jobType)?.room(this.#now) ?? Infinity;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (!this.#ordered) this.#unordered ??= setTimeout(() => this.obey([]), orderedWithinMs);
    return () => void this.#listeners.delete(listener);
  }

  jobTypeOf(queue: string): string {
    return this.#jobTypeOf.get(queue) ?? queue;
  }

  /** A job of the type starts. */
  started(jobType: string): void {
    const bucket = this.#buckets.get(jobType);
    if (!bucket) return;
    bucket.take(this.#now);
    this.#lookAgain(jobType, bucket);
  }

  resize(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#changed();
  }

  /** Nothing more starts; what runs goes on. */
  drain(): void {
    this.#draining = true;
    this.#changed();
  }

  resume(): void {
    this.#draining = false;
    this.#changed();
  }

  /** Takes over what is ordered of all queues; a queue that is not named goes on without limits. */
  obey(orders: readonly QueueOrder[]): void {
    clearTimeout(this.#unordered);
    this.#ordered = true;
    this.#paused.clear();
    for (const { name, paused } of orders) if (paused) this.#paused.add(name);
    const rates = new Map(orders.flatMap(({ name, perMinute }) => (perMinute ? [[name, perMinute]] : [])));
    for (const jobType of this.#buckets.keys()) if (!rates.has(jobType)) this.#free(jobType);
    for (const [jobType, perMinute] of rates) this.#setRate(jobType, perMinute);
    this.#changed();
  }

  /** Ends its timers. */
  close(): void {
    clearTimeout(this.#unordered);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#listeners.clear();
  }

  get #now(): number {
    return this.#world.now().getTime();
  }

  /** The first start comes at a moment of chance within the pace: else all workers would begin with one at once. */
  #setRate(jobType: string, perMinute: number): void {
    const known = this.#buckets.get(jobType);
    known?.setRate(perMinute, this.#now);
    const bucket = known ?? new TokenBucket(perMinute, this.#world.random(), this.#now);
    this.#buckets.set(jobType, bucket);
    this.#lookAgain(jobType, bucket);
  }

  #free(jobType: string): void {
    clearTimeout(this.#timers.get(jobType));
    this.#buckets.delete(jobType);
  }

  #lookAgain(jobType: string, bucket: TokenBucket): void {
    clearTimeout(this.#timers.get(jobType));
    const waitMs = bucket.waitMs(this.#now);
    if (waitMs > 0) this.#setTimer(jobType, bucket, waitMs);
  }

  /** A timer may come a moment early by this clock: then it is set once more. */
  #setTimer(jobType: string, bucket: TokenBucket, waitMs: number): void {
    const look = (): void => {
      const leftMs = bucket.waitMs(this.#now);
      if (leftMs > 0) this.#setTimer(jobType, bucket, leftMs);
      else this.#changed();
    };
    this.#timers.set(jobType, setTimeout(look, Math.min(waitMs, longestTimerMs)));
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
