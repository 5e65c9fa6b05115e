import {
  type Allowance,
  type Consumption,
  type Delivery,
  Intake,
  type IntakeSource,
  type JobMessage,
  type Process,
  settledAs,
  type Settlement,
  TransportError,
} from '@heavylift/core';
import type { Msg } from 'nats';
import { AckWindow } from './ack-window.js';
import { handOverOf, renew } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { Deadline, pause } from './deadline.js';
import { toTransportError } from './failures.js';
import { headOf } from './head.js';
import { JobWatch } from './job-watch.js';
import { type Lease, Leases } from './lease.js';
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
  /** Of the acknowledgements of its queue. */
  readonly acks: AckWindow;
  readonly message: JobMessage;
  readonly lease: Lease;
  /** Tells its watch, if a watch brought it, that there is room again. */
  readonly settled: () => void;
}

/** What makes another message of a job. */
type Next = Exclude<Settlement, { readonly kind: 'complete' }>;

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
  readonly #leases: Leases;
  readonly #watches = new Map<string, JobWatch>();
  readonly #acks = new Map<string, AckWindow>();
  #leaving = false;

  constructor(context: JobsContext, process: Process) {
    this.#context = context;
    this.#process = process;
    this.#leases = new Leases(context.ackWaitMs);
  }

  /** The consumption is about to end. */
  leave(): void {
    this.#leaving = true;
  }

  async take(queue: string, max: number): Promise<readonly Held[]> {
    const { connection } = this.#context;
    if (!connection.ready) await connection.session(usableMs);
    const taken: Held[] = [];
    const acks = this.#acksOf(queue);
    const request = { ...sourceOf(queue), batch: max, waitMs: 0 };
    const arrived = (raw: Msg): void => void taken.push(this.#hold(raw, acks, noRoomNeeded));
    const end = await new Pull(connection, request, arrived).ended;
    if (end === 'silent') await connection.repair();
    if (end instanceof Error && taken.length === 0) throw end;
    return taken;
  }

  async watch(queue: string, max: number, arrived: (held: Held) => void): Promise<Consumption> {
    const { connection } = this.#context;
    await connection.session(usableMs);
    const watch = this.#watches.get(queue) ?? this.#newWatch(queue);
    const acks = this.#acksOf(queue);
    watch.start(max, (raw, settled) => arrived(this.#hold(raw, acks, settled)));
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

  #acksOf(queue: string): AckWindow {
    const known = this.#acks.get(queue);
    const acks = known ?? new AckWindow(this.#context.connection);
    if (!known) this.#acks.set(queue, acks);
    return acks;
  }

  #hold(raw: Msg, acks: AckWindow, settled: () => void): Held {
    const { connection, ackWaitMs } = this.#context;
    const lease = this.#leases.begin((timeoutMs) => renew(connection, raw, timeoutMs));
    return { raw, acks, message: suspecting(raw, ackWaitMs), lease, settled };
  }

  async #outcome({ message, lease }: Held): Promise<Settlement> {
    try {
      return await this.#process(deliveryOf(message, lease));
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
    const { lease } = held;
    const deadline = new Deadline(settleAtEndMs);
    while (!lease.isLost && !(this.#leaving && deadline.passed))
      if (await this.#settledOnce(held, settlement)) break;
      else await pause(settleAgainMs, lease.lost);
    lease.end();
    held.settled();
  }

  /** Whether it is settled now; false as soon as the lease is lost. */
  async #settledOnce(held: Held, settlement: Settlement): Promise<boolean> {
    try {
      return await held.lease.unlessLost(this.#trySettling(held, settlement));
    } catch (error) {
      this.#context.warn(toTransportError(error, `settle job ${held.message.id}`));
      return false;
    }
  }

  /** The next message is stored before the old one goes: a crash in between duplicates, never loses. */
  #trySettling({ acks, raw, message, lease }: Held, settlement: Settlement): Promise<void> {
    if (settlement.kind === 'complete') return acks.acknowledge(raw);
    return this.#storeNext(message, settlement, lease.lost).then(() => acks.acknowledge(raw));
  }

  async #storeNext(message: JobMessage, settlement: Next, lost: AbortSignal): Promise<void> {
    const { outbound, queues } = this.#context;
    const next = settledAs(message, settlement);
    if (settlement.kind !== 'deadLetter') return outbound.put(next, settlement.delayMs, lost);
    const among = await queues.deadLettersOf(message.queue);
    await outbound.bury(next, among, { ...settlement, at: new Date().toISOString() }, lost);
  }
}

/** Its signal is made only for who asks for it. */
function deliveryOf(message: JobMessage, lease: Lease): Delivery {
  return {
    message,
    get lost() {
      return lease.lost;
    },
  };
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
  const message = decodeJob({ subject: raw.subject, data: raw.data, head: headOf(raw), seq });
  const marginMs = Math.min(5_000, leaseMs / 2);
  const mostDeaths = Math.max(0, Math.floor((Date.now() - storedAt + marginMs) / leaseMs));
  return { ...message, suspected: message.suspected + Math.min(deliveries - 1, mostDeaths) };
}
