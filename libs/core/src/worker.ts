import { Attempt } from './attempt.js';
import { Beacon } from './beacon.js';
import { TransportError } from './errors.js';
import { Hotline } from './hotline.js';
import { isoTime } from './iso-time.js';
import { sendingId } from './job-message.js';
import { tiersOf } from './lanes.js';
import type { Presence, ProcessFacts, RunningJob, WorkerState } from './presence.js';
import { encodeSignal, type EndedJob, type Failure, type Signal, type Steering } from './signal.js';
import type { Consumption, Delivery, JobMessage, Settlement, Transport } from './transport.js';
import { type Verdict, verdictOn } from './verdict.js';
import type { WorkerEnvironment } from './worker-environment.js';
import { WorkerLimits } from './worker-limits.js';

/** A job in hand; without an attempt while it is asked after. */
interface InHand {
  attempt?: Attempt;
  runs?: RunningJob;
  settlement: Promise<Settlement>;
}

/** How long a job that runs elsewhere is put back before it is looked at again. */
const lookAgainMs = 5_000;
/** More would only make the word longer. */
const mostTold = 100;

/** Takes jobs of some types and runs them, so many at a time as it is told. */
export class Worker {
  readonly #transport: Pick<Transport, 'consume' | 'signal' | 'onSignal'>;
  readonly #env: WorkerEnvironment;
  readonly #hotline: Hotline;
  /** By the message's sending. */
  readonly #inHand = new Map<string, InHand>();
  #jobTypes: readonly string[] = [];
  #limits: WorkerLimits | undefined;
  #consumption: Consumption | undefined;
  #beacon: Beacon | undefined;
  #order: string | undefined;
  #starting: Promise<void> = Promise.resolve();
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
      onEnded: (job) => this.#abortUpTo(job),
      onFailed: (jobId, error) => this.#runsOf(jobId).forEach((attempt) => attempt.fail(error)),
      onOrder: (order) => this.#obey(order),
    });
  }

  get running(): number {
    return this.#inHand.size;
  }

  /** Takes jobs as soon as it has heard what is ordered of its queues. */
  start(jobTypes: readonly string[], concurrency: number): Promise<void> {
    this.#starting = this.#start(jobTypes, concurrency);
    return this.#starting;
  }

  /** Rejects when no job would come in now, though there is a free slot. */
  async check(): Promise<void> {
    if (!this.#consumption)
      throw new TransportError('broker.unreachable', 'takes no jobs yet: waits for the broker');
    await this.#consumption.check();
  }

  /** Takes no new job; gives what runs `limitMs` to finish, then hands it back. Resolves when nothing is in hand. */
  async drain(limitMs: number): Promise<void> {
    this.#leaving = true;
    this.#beacon?.tell();
    const timer = setTimeout(() => this.#handBack(), limitMs);
    try {
      // One that failed has been told to whoever started it.
      await Promise.allSettled([this.#starting]);
      await this.#consumption?.stop();
      await this.#beacon?.end();
      await this.#hotline.close();
    } finally {
      clearTimeout(timer);
      this.#limits?.close();
    }
  }

  async #start(jobTypes: readonly string[], concurrency: number): Promise<void> {
    this.#jobTypes = jobTypes;
    this.#limits ??= new WorkerLimits(jobTypes, concurrency, this.#env.world);
    await this.#hotline.open();
    if (this.#leaving) return;
    this.#consumption = await this.#transport.consume(tiersOf(jobTypes), this.#limits, (delivery) =>
      this.#process(delivery),
    );
    this.#beacon ??= this.#newBeacon();
    this.#beacon?.start();
  }

  #runsOf(jobId: string): Attempt[] {
    return [...this.#inHand.values()].flatMap(({ attempt }) => (attempt?.jobId === jobId ? [attempt] : []));
  }

  #abortUpTo({ id, upTo }: EndedJob): void {
    for (const attempt of this.#runsOf(id)) if (attempt.number <= upTo) attempt.abort('cancelled');
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
    inHand.settlement = this.#settle(delivery, inHand, sending);
    return inHand.settlement;
  }

  async #settle({ message }: Delivery, inHand: InHand, sending: string): Promise<Settlement> {
    try {
      return await this.#outcome(message, inHand);
    } finally {
      this.#letGo(sending);
    }
  }

  async #outcome(message: JobMessage, inHand: InHand): Promise<Settlement> {
    const { id, attempt, release, suspected } = message;
    const verdict: Verdict =
      suspected === 0 ? { kind: 'run', attempt, release } : verdictOn(message, await this.#hotline.ask(id));
    if (verdict.kind === 'wait') return { kind: 'release', delayMs: lookAgainMs };
    if (verdict.kind === 'bury') return deadLetterOf(verdict.error, verdict.attempt);
    if (verdict.kind === 'drop' || this.#hotline.hasEnded(id, verdict.attempt)) return { kind: 'complete' };
    const type = this.#limits?.jobTypeOf(message.queue) ?? message.queue;
    this.#limits?.started(type);
    const startedAt = isoTime(this.#env.world.now());
    inHand.runs = { jobId: id, type, attempt: verdict.attempt, startedAt };
    inHand.attempt = new Attempt(message, verdict, this.#env);
    return inHand.attempt.settle();
  }

  #letGo(sending: string): void {
    this.#inHand.delete(sending);
    if (this.#inHand.size === 0 && this.#limits?.draining) this.#beacon?.tell();
  }

  #obey(order: Extract<Signal, { readonly kind: 'queues' | 'steer' }>): void {
    if (order.kind === 'queues') return this.#limits?.obey(order.queues);
    this.#steer(order.to);
    this.#order = order.order;
    this.#beacon?.tell();
  }

  #steer(to: Steering): void {
    const limits = this.#limits;
    if (to.do === 'drain') limits?.drain();
    if (to.do === 'resume') limits?.resume();
    if (to.do === 'resize') limits?.resize(to.concurrency);
    this.#env.logger.info(`${to.do} by order of an operator`, { ...to });
  }

  #newBeacon(): Beacon | undefined {
    const { processFacts, logger, world, workerName } = this.#env;
    if (!processFacts) return undefined;
    return new Beacon({
      describe: () => this.#describe(processFacts()),
      tell: (worker) =>
        this.#transport.signal(
          encodeSignal({ kind: 'present', worker }, { id: world.id(), source: workerName }),
        ),
      logger,
    });
  }

  #describe(facts: ProcessFacts): Presence {
    return {
      ...facts,
      name: this.#env.workerName,
      at: this.#env.world.now().toISOString(),
      state: this.#state,
      jobTypes: this.#jobTypes,
      concurrency: this.#limits?.concurrency ?? 0,
      busy: this.#inHand.size,
      running: [...this.#inHand.values()].flatMap(({ runs }) => runs ?? []).slice(0, mostTold),
      ...(this.#order === undefined ? {} : { order: this.#order }),
    };
  }

  get #state(): WorkerState {
    if (this.#leaving) return 'draining';
    if (!this.#limits?.draining) return 'running';
    return this.#inHand.size > 0 ? 'draining' : 'drained';
  }
}

function deadLetterOf({ code, message }: Failure, attempt: number): Settlement {
  return { kind: 'deadLetter', reason: code, detail: message, attempt };
}
