import { Attempt } from './attempt.js';
import { Hotline } from './hotline.js';
import { sendingId } from './job-message.js';
import { tiersOf } from './lanes.js';
import type { Failure } from './signal.js';
import type { Consumption, Delivery, Settlement, Transport } from './transport.js';
import { type Verdict, verdictOn } from './verdict.js';
import type { WorkerEnvironment } from './worker-environment.js';

/** A job in hand; without an attempt while it is asked after. */
interface InHand {
  attempt?: Attempt;
  settlement: Promise<Settlement>;
}

/** How long a job that runs elsewhere is put back before it is looked at again. */
const lookAgainMs = 5_000;

/** Takes jobs of some types and runs them, `concurrency` at a time. */
export class Worker {
  readonly #transport: Pick<Transport, 'consume' | 'signal' | 'onSignal'>;
  readonly #env: WorkerEnvironment;
  readonly #hotline: Hotline;
  /** By the message's sending. */
  readonly #inHand = new Map<string, InHand>();
  #starting: Promise<void> = Promise.resolve();
  #consumption: Consumption | undefined;
  #leaving = false;

  constructor(transport: Pick<Transport, 'consume' | 'signal' | 'onSignal'>, env: WorkerEnvironment) {
    this.#transport = transport;
    this.#env = env;
    this.#hotline = new Hotline({
      transport,
      workerName: env.workerName,
      world: env.world,
      logger: env.logger,
      runsHere: (jobId) => this.#runsOf(jobId).length > 0,
      onEnded: (jobId) => this.#runsOf(jobId).forEach((attempt) => attempt.abort('cancelled')),
      onFailed: (jobId, error) => this.#runsOf(jobId).forEach((attempt) => attempt.fail(error)),
    });
  }

  get running(): number {
    return this.#inHand.size;
  }

  start(jobTypes: readonly string[], concurrency: number): Promise<void> {
    this.#starting = this.#start(jobTypes, concurrency);
    return this.#starting;
  }

  /** Takes no new job; gives what runs `limitMs` to finish, then hands it back. Resolves when nothing is in hand. */
  async drain(limitMs: number): Promise<void> {
    this.#leaving = true;
    const timer = setTimeout(() => this.#handBack(), limitMs);
    try {
      // One that failed has been told to whoever started it.
      await Promise.allSettled([this.#starting]);
      await this.#consumption?.stop();
      await this.#hotline.close();
    } finally {
      clearTimeout(timer);
    }
  }

  async #start(jobTypes: readonly string[], concurrency: number): Promise<void> {
    await this.#hotline.open();
    if (this.#leaving) return;
    this.#consumption = await this.#transport.consume(tiersOf(jobTypes), concurrency, (delivery) =>
      this.#process(delivery),
    );
  }

  #runsOf(jobId: string): Attempt[] {
    return [...this.#inHand.values()].flatMap(({ attempt }) => (attempt?.jobId === jobId ? [attempt] : []));
  }

  #handBack(): void {
    for (const { attempt } of this.#inHand.values()) attempt?.abort('released');
  }

  /**
   * A message that comes again while it is in hand here, after the broker lost sight of us, is not run twice: both deliveries share the outcome.
   * Another attempt of the same job is another run: its message must not be settled by the outcome of this one.
   */
  #process(delivery: Delivery): Promise<Settlement> {
    const sending = sendingId(delivery.message);
    const known = this.#inHand.get(sending);
    if (known) return known.settlement;
    const inHand: InHand = { settlement: Promise.resolve({ kind: 'complete' }) };
    this.#inHand.set(sending, inHand);
    inHand.settlement = this.#settle(delivery, inHand).finally(() => this.#inHand.delete(sending));
    return inHand.settlement;
  }

  async #settle({ message }: Delivery, inHand: InHand): Promise<Settlement> {
    const { id, attempt, release, suspected } = message;
    const verdict: Verdict =
      suspected === 0 ? { kind: 'run', attempt, release } : verdictOn(message, await this.#hotline.ask(id));
    if (verdict.kind === 'wait') return { kind: 'release', delayMs: lookAgainMs };
    if (verdict.kind === 'bury') return deadLetterOf(verdict.error, verdict.attempt);
    if (verdict.kind === 'drop' || this.#hotline.hasEnded(id)) return { kind: 'complete' };
    inHand.attempt = new Attempt(message, verdict, this.#env);
    return inHand.attempt.settle();
  }
}

function deadLetterOf({ code, message }: Failure, attempt: number): Settlement {
  return { kind: 'deadLetter', reason: code, detail: message, attempt };
}
