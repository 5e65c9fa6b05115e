import { Attempt } from './attempt.js';
import { TransportError } from './errors.js';
import { Hotline } from './hotline.js';
import { sendingId } from './job-message.js';
import { tiersOf } from './lanes.js';
import type { Consumption, Delivery, Settlement, Transport } from './transport.js';
import { verdictOn } from './verdict.js';
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
  #consumption: Consumption | undefined;

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
    });
  }

  get running(): number {
    return this.#inHand.size;
  }

  async start(jobTypes: readonly string[], concurrency: number): Promise<void> {
    await this.#hotline.open();
    this.#consumption = await this.#transport.consume(tiersOf(jobTypes), concurrency, (delivery) =>
      this.#process(delivery),
    );
  }

  /** Rejects when no job would come in now, though there is a free slot. */
  async check(): Promise<void> {
    if (!this.#consumption)
      throw new TransportError('broker.unreachable', 'takes no jobs yet: waits for the broker');
    await this.#consumption.check();
  }

  /** Takes no new job; gives what runs `limitMs` to finish, then hands it back. Resolves when nothing is in hand. */
  async drain(limitMs: number): Promise<void> {
    const timer = setTimeout(() => this.#handBack(), limitMs);
    try {
      await this.#consumption?.stop();
      await this.#hotline.close();
    } finally {
      clearTimeout(timer);
    }
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
    const verdict =
      message.suspected === 0
        ? ({ kind: 'run', attempt: message.attempt } as const)
        : verdictOn(message, await this.#hotline.ask(message.id));
    if (verdict.kind === 'wait') return { kind: 'release', delayMs: lookAgainMs };
    if (verdict.kind === 'drop' || this.#hotline.hasEnded(message.id)) return { kind: 'complete' };
    inHand.attempt = new Attempt(message, verdict.attempt, this.#env);
    return inHand.attempt.settle();
  }
}
