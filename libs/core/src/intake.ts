import { TransportError } from './errors.js';
import type { Consumption } from './transport.js';
import { Turns } from './turns.js';

/** What an adapter offers so that one pool of slots can be filled from several queues. `H` is what it holds of a delivery. */
export interface IntakeSource<H> {
  /** Up to `max` jobs that wait on the queue now; none is an answer. */
  take(queue: string, max: number): Promise<readonly H[]>;
  /** Pushes jobs of the queue as they come, at most `max` unsettled ones, until stopped. */
  watch(queue: string, max: number, arrived: (held: H) => void): Promise<Consumption>;
  /** Runs and settles a job; never rejects. */
  run(held: H): Promise<void>;
  /** Gives back a job that cannot start now; never rejects. */
  giveBack(held: H): Promise<void>;
  /** Hears of a failed `take` or `watch`; the intake tries again after a pause. */
  failed(error: unknown): void;
}

const pauseAfterFailureMs = 250;
/** Longer than an adapter takes to give up on a question. */
const longestQuestionMs = 10_000;

/**
 * Fills `concurrency` slots from several queues without ever holding a job that has no slot. Queues come in tiers, the first to go first.
 *
 * One queue: the broker's own window does it. Several: while all queues are empty they are watched, so that a job starts at once;
 * once all slots are busy nothing is watched, and each slot that falls free is filled by asking the queues in turn. What arrives in
 * between, before a watch has ended, is given back.
 */
export class Intake<H> implements Consumption {
  readonly #queues: readonly string[];
  readonly #turns: Turns<string>;
  readonly #concurrency: number;
  readonly #source: IntakeSource<H>;
  readonly #inHand = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #watches: Consumption[] = [];
  #running = 0;
  #wake: () => void = () => {};
  /** Why the last question for jobs failed. */
  #failure: Error | undefined;
  /** When the question began that has no answer yet. */
  #askingSince: number | undefined;
  readonly #loop: Promise<void>;

  constructor(tiers: readonly (readonly string[])[], concurrency: number, source: IntakeSource<H>) {
    this.#queues = tiers.flat();
    this.#turns = new Turns(tiers);
    this.#concurrency = concurrency;
    this.#source = source;
    const [first, ...others] = this.#queues;
    this.#loop = first !== undefined && others.length === 0 ? this.#watchOne(first) : this.#fillFromAll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#loop;
    await this.#endWatches();
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }

  /** @throws {TransportError} when it is stopped, the last question failed or has no answer for 10 s, or a watch does not work */
  async check(): Promise<void> {
    if (this.#stopped) throw new TransportError('broker.closed', 'takes no jobs any more: it was stopped');
    if (this.#running >= this.#concurrency) return;
    if (this.#failure) throw this.#failure;
    const askedForMs = performance.now() - (this.#askingSince ?? performance.now());
    if (askedForMs > longestQuestionMs)
      throw new TransportError('broker.timeout', `a question for jobs has no answer for ${askedForMs} ms`);
    await Promise.all(this.#watches.map((watch) => watch.check()));
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #watchOne(queue: string): Promise<void> {
    while (!this.#stopped && this.#watches.length === 0) {
      await this.#orPause(async () => {
        this.#watches = [await this.#source.watch(queue, this.#concurrency, (held) => this.#arrived(held))];
      });
    }
  }

  async #fillFromAll(): Promise<void> {
    while (!this.#stopped) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#running >= this.#concurrency) {
        await this.#asking(() => this.#endWatches());
        if (this.#running >= this.#concurrency) await woken;
      } else if (!(await this.#orPause(() => this.#takeRound())) && !this.#stopped) {
        await this.#orPause(() => this.#watchAll());
        await woken;
      }
    }
  }

  /** One round over the queues. True when it brought a job, or failed. Only what a full round did not find is known to be empty. */
  async #takeRound(): Promise<boolean> {
    for (const queue of this.#turns.next()) {
      if (this.#running >= this.#concurrency || this.#stopped) return true;
      const held = await this.#source.take(queue, this.#concurrency - this.#running);
      for (const one of held) this.#arrived(one);
      if (held.length > 0) return true;
    }
    return false;
  }

  async #watchAll(): Promise<void> {
    if (this.#watches.length > 0) return;
    const arrived = (held: H): void => this.#arrived(held);
    const opened = await Promise.allSettled(
      this.#queues.map((queue) => this.#source.watch(queue, this.#concurrency, arrived)),
    );
    this.#watches = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = opened.find((result) => result.status === 'rejected');
    if (!failure) return;
    await this.#endWatches();
    this.#wake();
    throw failure.reason;
  }

  async #endWatches(): Promise<void> {
    const watches = this.#watches;
    this.#watches = [];
    await Promise.all(watches.map((watch) => watch.stop()));
  }

  #arrived(held: H): void {
    const hasSlot = this.#running < this.#concurrency && !this.#stopped;
    this.#track(hasSlot ? this.#start(held) : this.#source.giveBack(held));
  }

  async #start(held: H): Promise<void> {
    this.#running++;
    if (this.#running >= this.#concurrency) this.#wake();
    await this.#source.run(held);
    this.#running--;
    this.#wake();
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#inHand.delete(tracked));
    this.#inHand.add(tracked);
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
