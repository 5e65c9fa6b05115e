import { brokerPoints, type CallFault, type CallPoint } from './fault-plan.js';
import type { SimProcess } from './sim-process.js';
import type { World } from './world.js';

/** Whom a process may ask: a broker or a store. */
export interface Server {
  readonly up: boolean;
  /** Grows when it comes back as another one: what was on its way to the old one is lost. */
  readonly era: number;
  /** Until then it lets what is to be kept wait, as a broker does that is short of memory; virtual milliseconds. */
  readonly blockedUntil: number;
  /** How long a caller waits for the answer. */
  readonly patienceMs: number;
  failure(why: string): Error;
}

export interface Question<T> {
  readonly from: SimProcess;
  readonly point: CallPoint;
  readonly server: Server;
  readonly execute: () => T | Promise<T>;
}

type Outcome<T> = { readonly value: T } | { readonly error: Error };

/** A question on its way to a server, there, and the answer on its way back, with what goes wrong. */
export class Call<T> {
  readonly #world: World;
  readonly #question: Question<T>;
  readonly #fault: CallFault | undefined;
  readonly #era: number;

  constructor(world: World, question: Question<T>, fault: CallFault | undefined) {
    this.#world = world;
    this.#question = question;
    this.#fault = fault;
    this.#era = question.server.era;
  }

  /** Never settles when the caller is dead by then. */
  answer(): Promise<T> {
    const { from, point, server } = this.#question;
    const { time } = this.#world;
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(server.failure(`no answer to ${point}`));
      const patience = time.after(server.patienceMs, giveUp, from);
      const tell = (outcome: Outcome<T>): void => {
        patience.cancelled = true;
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value);
      };
      this.#leave(tell);
    });
  }

  #leave(tell: (outcome: Outcome<T>) => void): void {
    const { from, point } = this.#question;
    if (this.#fault?.kind === 'crashBefore') from.kill();
    if (!from.alive || this.#fault?.kind === 'requestLost') return;
    const lateMs = this.#fault?.kind === 'slow' ? this.#fault.ms : 0;
    this.#world.time.outside(this.#world.latencyMs(point) + lateMs, () => this.#arrive(tell));
  }

  async #arrive(tell: (outcome: Outcome<T>) => void): Promise<void> {
    const { from, server, execute } = this.#question;
    const { time } = this.#world;
    const blockedMs = this.#mayBeBlocked ? server.blockedUntil - time.now : 0;
    if (blockedMs > 0) return void time.outside(blockedMs, () => this.#arrive(tell));
    if (from.cutUntil > time.now || server.era !== this.#era) return;
    if (!server.up) return this.#reply(tell, { error: server.failure('it is away') });
    const outcome = await outcomeOf(execute);
    if (this.#fault?.kind === 'twice') time.outside(this.#fault.ms, () => this.#again());
    if (this.#fault?.kind === 'crashAfter') from.kill();
    if (this.#fault?.kind !== 'replyLost') this.#reply(tell, outcome);
  }

  get #mayBeBlocked(): boolean {
    const { point } = this.#question;
    return point !== 'ack' && point !== 'batchAck' && brokerPoints.some((one) => one === point);
  }

  async #again(): Promise<void> {
    if (this.#question.server.era === this.#era) await outcomeOf(this.#question.execute);
  }

  #reply(tell: (outcome: Outcome<T>) => void, outcome: Outcome<T>): void {
    const { from, point } = this.#question;
    const { time } = this.#world;
    const arrive = (): void => {
      if (from.cutUntil <= time.now) tell(outcome);
    };
    time.after(this.#world.latencyMs(`${point} reply`), arrive, from);
  }
}

async function outcomeOf<T>(execute: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await execute() };
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }
}
