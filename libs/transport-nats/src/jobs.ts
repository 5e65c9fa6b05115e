import {
  type Allowance,
  type Consumption,
  Intake,
  type IntakeSource,
  type JobMessage,
  type Process,
  settledAs,
  type Settlement,
  TransportError,
} from '@heavylift/core';
import type { Msg } from 'nats';
import { acknowledge, handOverOf, renew } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { Deadline, pause } from './deadline.js';
import { toTransportError } from './failures.js';
import { JobWatch } from './job-watch.js';
import { Lease } from './lease.js';
import { decodeJob } from './message-codec.js';
import type { Outbound } from './outbound.js';
import { Pull } from './pull.js';
import type { Queues } from './queues.js';
import { durableOf, jobsStream } from './streams.js';

export interface JobsContext {
  readonly connection: Connection;
  readonly outbound: Outbound;
  readonly queues: Queues;
  readonly ackWaitMs: number;
  readonly warn: (error: TransportError) => void;
}

interface Held {
  readonly raw: Msg;
  readonly message: JobMessage;
  readonly lease: Lease;
  /** Tells its watch, if a watch brought it, that there is room again. */
  readonly settled: () => void;
}

const usableMs = 1_000;
const settleAgainMs = 500;
/** How long a client that leaves tries to settle a job: what it does not settle goes to another when its lease is over. */
const settleAtEndMs = 5_000;

/** Hands jobs of the queues to `process`, at most `concurrency` at a time. */
export function consumeJobs(
  context: JobsContext,
  tiers: readonly (readonly string[])[],
  concurrency: number | Allowance,
  process: Process,
): Consumption {
  const source = new JobSource(context, process);
  const intake = new Intake(tiers, concurrency, source);
  const stop = (): Promise<void> => {
    source.leave();
    return intake.stop();
  };
  return { stop, check: () => intake.check() };
}

class JobSource implements IntakeSource<Held> {
  readonly #context: JobsContext;
  readonly #process: Process;
  readonly #watches = new Map<string, JobWatch>();
  #leaving = false;

  constructor(context: JobsContext, process: Process) {
    this.#context = context;
    this.#process = process;
  }

  /** The consumption is about to end. */
  leave(): void {
    this.#leaving = true;
  }

  async take(queue: string, max: number): Promise<readonly Held[]> {
    const { connection } = this.#context;
    await connection.session(usableMs);
    const taken: Held[] = [];
    const request = { ...sourceOf(queue), batch: max, waitMs: 0 };
    const end = await new Pull(connection, request, (raw) => taken.push(this.#hold(raw, noRoomNeeded))).ended;
    if (end === 'silent') await connection.repair();
    if (end instanceof Error && taken.length === 0) throw end;
    return taken;
  }

  async watch(queue: string, max: number, arrived: (held: Held) => void): Promise<Consumption> {
    const { connection } = this.#context;
    await connection.session(usableMs);
    const watch = this.#watches.get(queue) ?? this.#newWatch(queue);
    watch.start(max, (raw, settled) => arrived(this.#hold(raw, settled)));
    return { stop: () => watch.rest(), check: () => watch.check() };
  }

  async run(held: Held): Promise<void> {
    await this.#settle(held, await this.#outcome(held));
  }

  /** A release, not a nak: a nak would count as the death of a holder. */
  async giveBack(held: Held): Promise<void> {
    await this.#settle(held, { kind: 'release' });
  }

  failed(error: unknown): void {
    this.#context.warn(toTransportError(error, 'take jobs'));
  }

  #newWatch(queue: string): JobWatch {
    const { connection } = this.#context;
    const failed = (error: TransportError): void => this.failed(error);
    const watch = new JobWatch({ connection, source: sourceOf(queue), failed });
    this.#watches.set(queue, watch);
    return watch;
  }

  #hold(raw: Msg, settled: () => void): Held {
    const { connection, ackWaitMs } = this.#context;
    const lease = new Lease(ackWaitMs, (timeoutMs) => renew(connection, raw, timeoutMs));
    return { raw, message: suspecting(raw, ackWaitMs), lease, settled };
  }

  async #outcome({ message, lease }: Held): Promise<Settlement> {
    try {
      return await this.#process({ message, lost: lease.lost });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#context.warn(
        new TransportError('job.thrown', `job ${message.id} is released: its process threw: ${why}`),
      );
      return { kind: 'release' };
    }
  }

  /** Tries as long as the job is ours; once the lease is lost, the job is with another, and what we would say of it is void. */
  async #settle(held: Held, settlement: Settlement): Promise<void> {
    const { lost } = held.lease;
    const deadline = new Deadline(settleAtEndMs);
    let settled = false;
    while (!settled && !lost.aborted && !(this.#leaving && deadline.passed)) {
      settled = await unlessAborted(lost, this.#settleOnce(held, settlement)).catch((error: unknown) => {
        this.#context.warn(toTransportError(error, `settle job ${held.message.id}`));
        return false;
      });
      if (!settled) await pause(settleAgainMs, lost);
    }
    held.lease.end();
    held.settled();
  }

  /** The next message is stored before the old one goes: a crash in between duplicates, never loses. */
  async #settleOnce(held: Held, settlement: Settlement): Promise<boolean> {
    await this.#storeNext(held.message, settlement, held.lease.lost);
    await acknowledge(this.#context.connection, held.raw);
    return true;
  }

  async #storeNext(message: JobMessage, settlement: Settlement, lost: AbortSignal): Promise<void> {
    const { outbound, queues } = this.#context;
    if (settlement.kind === 'complete') return;
    const next = settledAs(message, settlement);
    if (settlement.kind !== 'deadLetter') return outbound.put(next, settlement.delayMs, lost);
    const among = await queues.deadLettersOf(message.queue);
    await outbound.bury(next, among, { ...settlement, at: new Date().toISOString() }, lost);
  }
}

/** False as soon as the signal aborts. */
async function unlessAborted(signal: AbortSignal, work: Promise<boolean>): Promise<boolean> {
  let abort: () => void = () => {};
  const aborted = new Promise<boolean>((resolve) => (abort = () => resolve(false)));
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

const noRoomNeeded = (): void => {};

function sourceOf(queue: string): { stream: string; durable: string } {
  return { stream: jobsStream.name, durable: durableOf(queue) };
}

/**
 * The job with one more suspected run for each earlier holder that was lost. A holder's death shows only by the end of
 * its lease, so a job younger than n leases has lost fewer than n holders, whatever the server counts: it also counts a hand-over that
 * met a pull just taken back. The margin allows for clocks that differ.
 */
function suspecting(raw: Msg, leaseMs: number): JobMessage {
  const { deliveries, seq, storedAt } = handOverOf(raw);
  const message = decodeJob({ subject: raw.subject, data: raw.data, headers: raw.headers, seq });
  const marginMs = Math.min(5_000, leaseMs / 2);
  const mostDeaths = Math.max(0, Math.floor((Date.now() - storedAt + marginMs) / leaseMs));
  return { ...message, suspected: message.suspected + Math.min(deliveries - 1, mostDeaths) };
}
