import { type Allowance, allowanceOf } from './allowance.js';
import { TransportError } from './errors.js';
import { type IntakeStream, StreamedSlots } from './intake-stream.js';
import { Streak } from './streak.js';
import type { Consumption } from './transport.js';
import { Turns } from './turns.js';

/** What an adapter offers so that one pool of slots can be filled from several queues. `H` is what it holds of a delivery. */
export interface IntakeSource<H> {
  /** Up to `max` jobs that wait on the queue now; none is an answer. */
  take(queue: string, max: number): Promise<readonly H[]>;
  /**
   * Pushes jobs of the queue as they come, at most `max` unsettled ones, until stopped. One watch of a queue at a time; what an earlier one
   * brought and is not settled yet counts as well.
   */
  watch(queue: string, max: number, arrived: (held: H) => void): Promise<Consumption>;
  /**
   * Pushes jobs of the queue as fast as they are settled, for an adapter to which a question costs more. As many unsettled ones as it was widened to; none at
   * first. `over` hears when it ends by itself.
   */
  stream?(queue: string, arrived: (held: H) => void, over: () => void): Promise<IntakeStream>;
  /** Runs and settles a job; never rejects. */
  run(held: H): Promise<void>;
  /** Gives back a job that cannot start now; never rejects. */
  giveBack(held: H): Promise<void>;
  /** Hears of a failed `take` or `watch`; the intake tries again after a pause. */
  failed(error: unknown): void;
}

interface Watch {
  readonly max: number;
  readonly consumption: Consumption;
}

const pauseAfterFailureMs = 250;
/** Longer than an adapter takes to give up on a question. */
const longestQuestionMs = 10_000;

/**
 * Fills slots from several queues without ever holding a job that has no slot, or may not start. Queues come in tiers, the first to go first.
 *
 * One queue: the broker's own window does it. Several: while all queues are empty they are watched, so that a job starts at once;
 * once all slots are busy nothing is watched, and each slot that falls free is filled by asking the queues in turn. What arrives in
 * between, before a watch has ended, is given back. A queue that has no room is neither watched nor asked.
 *
 * Where the adapter can, a queue that alone has brought many jobs lately is not asked: it is streamed, and the others are watched, until a job comes that has no slot.
 */
export class Intake<H> implements Consumption {
  readonly #queues: readonly string[];
  readonly #turns: Turns<string>;
  readonly #allowance: Allowance;
  readonly #source: IntakeSource<H>;
  readonly #inHand = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #watches = new Map<string, Watch>();
  readonly #endChanges: () => void;
  readonly #streak = new Streak<string>();
  #streamed: StreamedSlots | undefined;
  #running = 0;
  #wake: () => void = () => {};
  /** Why the last question for jobs failed. */
  #failure: Error | undefined;
  /** When the question began that has no answer yet. */
  #askingSince: number | undefined;
  readonly #loop: Promise<void>;

  constructor(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    source: IntakeSource<H>,
  ) {
    this.#queues = tiers.flat();
    this.#turns = new Turns(tiers);
    this.#allowance = allowanceOf(concurrency);
    this.#source = source;
    this.#endChanges = this.#allowance.onChange(() => this.#wake());
    this.#loop = this.#queues.length === 1 ? this.#watchOnly() : this.#fillFromAll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#endChanges();
    this.#wake();
    await this.#loop;
    await this.#endWatches();
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }

  /** @throws {TransportError} when it is stopped, the last question failed or has no answer for 10 s, or a watch does not work */
  async check(): Promise<void> {
    if (this.#stopped) throw new TransportError('broker.closed', 'takes no jobs any more: it was stopped');
    if (this.#free <= 0) return;
    if (this.#failure) throw this.#failure;
    const askedForMs = performance.now() - (this.#askingSince ?? performance.now());
    if (askedForMs > longestQuestionMs)
      throw new TransportError('broker.timeout', `a question for jobs has no answer for ${askedForMs} ms`);
    await Promise.all([...this.#watches.values()].map(({ consumption }) => consumption.check()));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #free(): number {
    return this.#allowance.concurrency - this.#running;
  }

  /** What ends brings the next by itself. */
  get #fillsItself(): boolean {
    if (this.#streamed) return true;
    const [queue, second] = this.#queues;
    return queue !== undefined && second === undefined && this.#allowance.room(queue) === Infinity;
  }

  async #watchOnly(): Promise<void> {
    while (!this.#stopped) {
      const woken = this.#woken();
      await this.#orPause(() => this.#watchOpen());
      await woken;
    }
  }

  async #fillFromAll(): Promise<void> {
    while (!this.#stopped) {
      const woken = this.#woken();
      const streamed = this.#streamable();
      if (streamed !== undefined) {
        await this.#streamFrom(streamed);
      } else if (this.#free <= 0) {
        await this.#asking(() => this.#endWatches());
        if (this.#free <= 0) await woken;
      } else if (!(await this.#orPause(() => this.#takeRound())) && !this.#stopped) {
        await this.#orPause(() => this.#watchOpen());
        await woken;
      }
    }
  }

  /** The queue that is to be streamed now. Where limits count jobs, each is asked for. */
  #streamable(): string | undefined {
    const { queue } = this.#streak;
    if (!this.#source.stream || queue === undefined || this.#allowance.room(queue) < 1) return undefined;
    const rooms = this.#queues.map((one) => this.#allowance.room(one));
    return rooms.every((room) => room < 1 || room === Infinity) ? queue : undefined;
  }

  /** Until another queue is to be streamed, or none. */
  async #streamFrom(queue: string): Promise<void> {
    await this.#orPause(() => this.#openStream(queue));
    const slots = this.#streamed;
    while (this.#streamable() === queue && slots?.count === this.#allowance.concurrency && !this.#stopped) {
      const woken = this.#woken();
      await this.#orPause(() => this.#watchOpen());
      await woken;
    }
    this.#streamed = undefined;
    slots?.close();
    await this.#asking(() => this.#endWatches());
  }

  async #openStream(queue: string): Promise<void> {
    await this.#endWatch(queue);
    const max = this.#allowance.concurrency;
    const slots = new StreamedSlots(max);
    const arrived = (held: H): void => this.#arrived(queue, held, slots);
    const consumption = await this.#source.stream!(queue, arrived, () => this.#endStreak());
    this.#watches.set(queue, { max, consumption });
    this.#streamed = slots;
    slots.fill(consumption, this.#running);
  }

  /** A job came that has no slot, or jobs do not come any more. */
  #endStreak(): void {
    this.#streak.end();
    this.#wake();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  /** One round over the queues. True when it brought a job, or failed. Only what a full round did not find is known to be empty. */
  async #takeRound(): Promise<boolean> {
    for (const queue of this.#turns.next()) {
      if (this.#free <= 0 || this.#stopped) return true;
      const max = Math.min(this.#free, this.#allowance.room(queue));
      if (max < 1) continue;
      const held = await this.#source.take(queue, max);
      for (const one of held) this.#arrived(queue, one);
      if (held.length > 0) return true;
    }
    return false;
  }

  /** Watches each queue for as many jobs as may start, and none that has no room. */
  async #watchOpen(): Promise<void> {
    const changed = this.#queues
      .map((queue) => ({ queue, max: Math.min(this.#allowance.concurrency, this.#allowance.room(queue)) }))
      .filter(({ queue, max }) => max !== (this.#watches.get(queue)?.max ?? 0));
    await Promise.all(changed.map(({ queue }) => this.#endWatch(queue)));
    const opened = await Promise.allSettled(
      changed.filter(({ max }) => max > 0).map(({ queue, max }) => this.#watch(queue, max)),
    );
    const failure = opened.find((result) => result.status === 'rejected');
    if (!failure) return;
    await this.#endWatches();
    this.#endStreak();
    throw failure.reason;
  }

  async #watch(queue: string, max: number): Promise<void> {
    const consumption = await this.#source.watch(queue, max, (held) => this.#arrived(queue, held));
    this.#watches.set(queue, { max, consumption });
  }

  async #endWatch(queue: string): Promise<void> {
    const watch = this.#watches.get(queue);
    this.#watches.delete(queue);
    await watch?.consumption.stop();
  }

  async #endWatches(): Promise<void> {
    await Promise.all([...this.#watches.keys()].map((queue) => this.#endWatch(queue)));
  }

  #arrived(queue: string, held: H, from?: StreamedSlots): void {
    const mayStart = !this.#stopped && this.#free > 0 && this.#allowance.room(queue) > 0;
    if (mayStart) this.#streak.saw(queue);
    else this.#endStreak();
    this.#track(mayStart ? this.#start(queue, held, from) : this.#source.giveBack(held));
  }

  async #start(queue: string, held: H, from?: StreamedSlots): Promise<void> {
    this.#running++;
    if (this.#streamed !== from) this.#streamed?.taken();
    const ended = this.#source.run(held);
    // The start may have used up the room of the queue, so that it is to be watched no more.
    if (!this.#fillsItself && (this.#free <= 0 || this.#allowance.room(queue) < Infinity)) this.#wake();
    await ended;
    this.#running--;
    if (!this.#fillsItself) this.#wake();
    else if (this.#streamed !== from) this.#streamed?.freed();
  }

  #track(work: Promise<void>): void {
    this.#inHand.add(work);
    void work.then(() => this.#inHand.delete(work));
  }

  async #orPause<T>(work: () => Promise<T>): Promise<T | true> {
    try {
      const answer = await this.#asking(work);
      this.#failure = undefined;
      return answer;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#source.failed(error);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseAfterFailureMs);
        this.#stopping.signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), {
          once: true,
        });
      });
      return true;
    }
  }

  async #asking<T>(work: () => Promise<T>): Promise<T> {
    this.#askingSince = performance.now();
    try {
      return await work();
    } finally {
      this.#askingSince = undefined;
    }
  }
}
