import {
  decodeSignal,
  encodeSignal,
  type ErrorFacts,
  type Failure,
  isFinal,
  type KnownJob,
  type Logger,
  type Presence,
  type Signal,
  type Transport,
  TransportError,
} from '@heavylift/core';
import type { JobRecord, JobStore } from '../store/job-store.js';

export interface SignalDeskOptions {
  readonly store: Pick<JobStore, 'get' | 'list'>;
  /** Names this process. */
  readonly name: string;
  readonly logger: Logger;
  readonly newId: () => string;
  /** Tells what is ordered of the queues: a worker that begins starts nothing before. Default: nobody orders anything. */
  readonly tellOrders?: () => Promise<void>;
  /** Hears what workers say of themselves. */
  readonly onPresent?: (worker: Presence) => void;
}

/** So many of the jobs that were cancelled last are told to a worker that begins: their messages may still wait in the broker. */
const mostTold = 5_000;
const answerWithinMs = 1_000;
/** More than any job has. */
const mostAttempts = 1_000_000;

/** The gateway's end of the line to the workers: says what became of a job, which jobs are not to run, and what is ordered. */
export class SignalDesk {
  readonly #options: SignalDeskOptions;
  readonly #inquiries = new Map<string, () => void>();
  #transport: Pick<Transport, 'signal' | 'onSignal'> | undefined;

  constructor(options: SignalDeskOptions) {
    this.#options = options;
  }

  /** Listens until the transport is closed. */
  async open(transport: Pick<Transport, 'signal' | 'onSignal'>): Promise<void> {
    this.#transport = transport;
    await transport.onSignal((body) => void this.#hear(body));
  }

  /** @throws {TransportError} when nobody can be told now */
  async send(signal: Signal): Promise<void> {
    const { newId, name } = this.#options;
    if (!this.#transport)
      throw new TransportError('broker.unreachable', 'not connected to the broker yet; try again later');
    await this.#transport.signal(encodeSignal(signal, { id: newId(), source: name }));
  }

  /** Stops what runs of these jobs, and keeps from starting what waits. Who hears nothing is told when he begins to run one. */
  tellEnded(jobs: readonly Pick<JobRecord, 'id' | 'attempt'>[]): Promise<void> {
    // A message of the next attempt may be on its way; one that runs anew begins after that.
    return this.#say({ kind: 'ended', jobs: jobs.map(({ id, attempt }) => ({ id, upTo: attempt + 1 })) });
  }

  /** Stops runs that began after their jobs had ended. */
  async tellOverrun(jobIds: readonly string[]): Promise<void> {
    try {
      for (const jobId of jobIds) await this.#tellEnd(jobId);
    } catch (error) {
      this.#options.logger.warn('runs of ended jobs were not told to stop', { jobIds, error });
    }
  }

  /** Whether a worker says within a second that it runs the job. */
  async isHeld(jobId: string): Promise<boolean> {
    const inquiry = this.#options.newId();
    const held = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), answerWithinMs);
      this.#inquiries.set(inquiry, () => (clearTimeout(timer), resolve(true)));
    });
    await this.#say({ kind: 'inquiry', inquiry, jobId });
    return held.finally(() => this.#inquiries.delete(inquiry));
  }

  async #tellEnd(jobId: string): Promise<void> {
    const job = await this.#options.store.get(jobId);
    // Expired: no run of it counts any more.
    if (!job) return this.tellEnded([{ id: jobId, attempt: mostAttempts }]);
    // It may run anew by now.
    if (!isFinal(job.status)) return;
    if (job.status === 'failed' && job.error)
      return this.#say({ kind: 'failed', jobId, error: failureOf(job.error) });
    await this.tellEnded([job]);
  }

  async #hear(body: Uint8Array): Promise<void> {
    try {
      const signal = decodeSignal(body);
      if (signal.kind === 'present') this.#options.onPresent?.(signal.worker);
      if (signal.kind === 'hello') await this.#greet();
      if (signal.kind === 'inquiry') await this.#answer(signal);
      if (signal.kind === 'held') this.#inquiries.get(signal.inquiry)?.();
    } catch (error) {
      this.#options.logger.warn('a signal was not answered', { error });
    }
  }

  async #greet(): Promise<void> {
    await this.#options.tellOrders?.();
    await this.tellEnded(await this.#cancelled());
  }

  async #answer({ inquiry, jobId }: Signal & { kind: 'inquiry' }): Promise<void> {
    const job = await this.#options.store.get(jobId);
    await this.#say({ kind: 'answer', inquiry, ...(job ? { job: knownOf(job) } : {}) });
  }

  #cancelled(): Promise<JobRecord[]> {
    return this.#options.store.list({ status: 'cancelled', limit: mostTold });
  }

  /** Best effort: nothing depends on a signal alone. */
  async #say(signal: Signal): Promise<void> {
    try {
      await this.send(signal);
    } catch (error) {
      this.#options.logger.warn(`signal "${signal.kind}" was not sent`, { error });
    }
  }
}

function knownOf({ status, attempt, release, rank, error }: JobRecord): KnownJob {
  return { status, attempt, release, rank, ...(error ? { error: failureOf(error) } : {}) };
}

/** Without the stack, which would make a signal large. */
function failureOf({ code, message }: ErrorFacts): Failure {
  return { code, message };
}
