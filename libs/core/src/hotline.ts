import { setTimeout as sleep } from 'node:timers/promises';
import type { EndedJob, Failure, KnownJob, Signal } from './signal.js';
import { decodeSignal, encodeSignal } from './signal.js';
import type { Consumption, Transport } from './transport.js';
import type { Logger, World } from './worker-environment.js';

/** What is known of a job whose holder was lost. */
export type Report =
  /** It runs in a process that lives. */
  | { readonly kind: 'held' }
  | { readonly kind: 'known'; readonly job: KnownJob }
  /** No gateway answered, or none knows it. */
  | { readonly kind: 'unknown' };

export interface HotlineOptions {
  readonly transport: Pick<Transport, 'signal' | 'onSignal'>;
  readonly workerName: string;
  readonly world: World;
  readonly logger: Logger;
  /** Whether a job runs here. */
  readonly runsHere: (jobId: string) => boolean;
  readonly onEnded: (job: EndedJob) => void;
  readonly onFailed: (jobId: string, error: Failure) => void;
  /** Hears what is ordered of queues, or of this worker. */
  readonly onOrder: (order: Order) => void;
}

type Order = Extract<Signal, { readonly kind: 'queues' | 'steer' }>;

const answerWithinMs = 1_000;
/** A gateway may be about to connect itself, as when the broker has just come back. */
const greetings = 5;
/** How long a holder has to speak up after a gateway has answered. */
const holderWithinMs = 300;
/** The last events of a holder that has just died are on their way to the gateways for so long. */
const eventsWithinMs = 300;
const mostEnded = 100_000;

/** A worker's line to the gateways and the other workers, over signals: asks after jobs, answers, and hears of jobs that have ended. */
export class Hotline {
  readonly #options: HotlineOptions;
  readonly #inquiries = new Map<string, (signal: Signal) => void>();
  /** By job, up to which attempt. */
  readonly #ended = new Map<string, number>();
  #listening: Consumption | undefined;
  #greeted: () => void = () => {};

  constructor(options: HotlineOptions) {
    this.#options = options;
  }

  /** Listens, and hears of jobs that ended while it was away; waits five seconds for that at most. */
  async open(): Promise<void> {
    this.#listening ??= await this.#options.transport.onSignal((body) => this.#hear(body));
    const greeted = new Promise<true>((resolve) => (this.#greeted = () => resolve(true)));
    for (let said = 0; said < greetings; said++) {
      await this.#say({ kind: 'hello' });
      if (await within(answerWithinMs, greeted)) return;
    }
  }

  async close(): Promise<void> {
    await this.#listening?.stop();
  }

  /** Whether an attempt of the job is known to be needless: it has succeeded or, most likely, was cancelled while it waited. */
  hasEnded(jobId: string, attempt: number): boolean {
    return attempt <= (this.#ended.get(jobId) ?? 0);
  }

  /** Asks what became of a job; takes a second and a half at most. The holder's word counts more than a gateway's, so a gateway's is slept over for a moment. */
  async ask(jobId: string): Promise<Report> {
    await sleep(eventsWithinMs);
    const inquiry = this.#options.world.id();
    let known: Report = { kind: 'unknown' };
    const answered = new Promise<Report>((resolve) => {
      this.#inquiries.set(inquiry, (signal) => {
        if (signal.kind === 'held') return resolve({ kind: 'held' });
        if (signal.kind !== 'answer' || !signal.job || known.kind === 'known') return;
        known = { kind: 'known', job: signal.job };
        setTimeout(() => resolve(known), holderWithinMs);
      });
    });
    await this.#say({ kind: 'inquiry', inquiry, jobId });
    const report = await within(answerWithinMs, answered);
    this.#inquiries.delete(inquiry);
    return report ?? known;
  }

  #hear(body: Uint8Array): void {
    const signal = this.#decode(body);
    if (!signal) return;
    if (signal.kind === 'inquiry' && this.#options.runsHere(signal.jobId))
      void this.#say({ kind: 'held', inquiry: signal.inquiry });
    if (signal.kind === 'answer' || signal.kind === 'held') this.#inquiries.get(signal.inquiry)?.(signal);
    if (signal.kind === 'ended') this.#hearEnded(signal.jobs);
    if (signal.kind === 'failed') this.#options.onFailed(signal.jobId, signal.error);
    if (signal.kind === 'queues' || (signal.kind === 'steer' && signal.worker === this.#options.workerName))
      this.#options.onOrder(signal);
  }

  #hearEnded(jobs: readonly EndedJob[]): void {
    for (const job of jobs) {
      this.#ended.set(job.id, Math.max(job.upTo, this.#ended.get(job.id) ?? 0));
      this.#options.onEnded(job);
    }
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= mostEnded) break;
      this.#ended.delete(oldest);
    }
    this.#greeted();
  }

  #decode(body: Uint8Array): Signal | undefined {
    try {
      return decodeSignal(body);
    } catch (error) {
      this.#options.logger.warn('a signal that cannot be read was dropped', { error });
      return undefined;
    }
  }

  /** Best effort, as signals are: who hears nothing goes on without. */
  async #say(signal: Signal): Promise<void> {
    const { transport, world, workerName, logger } = this.#options;
    try {
      await transport.signal(encodeSignal(signal, { id: world.id(), source: workerName }));
    } catch (error) {
      logger.warn(`signal "${signal.kind}" was not sent`, { error });
    }
  }
}

async function within<T>(limitMs: number, done: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), limitMs)));
  try {
    return await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}
