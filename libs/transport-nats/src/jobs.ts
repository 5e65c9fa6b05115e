import {
  type Allowance,
  allowanceOf,
  type Consumption,
  Intake,
  type IntakeSource,
  type IntakeStream,
  type JobMessage,
  pause,
  type Process,
  settledAs,
  type Settlement,
  TransportError,
} from '@heavylift/core';
import type { Msg } from 'nats';
import { handOverOf, renew } from './acknowledgement.js';
import { Acknowledgements } from './acknowledgements.js';
import type { Connection } from './connection.js';
import { Deadline } from './deadline.js';
import { toTransportError } from './failures.js';
import { headOf } from './head.js';
import { Held, noRoom, type Room } from './held.js';
import { JobWatch } from './job-watch.js';
import { Leases } from './lease.js';
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

/** What makes another message of a job. */
type Next = Exclude<Settlement, { readonly kind: 'complete' }>;

const usableMs = 1_000;
const storeAgainMs = 500;
/** How long a client that leaves tries to store what is to follow a job: the job goes to another when its lease is over. */
const storeAtEndMs = 5_000;

/** Hands jobs of the queues to `process`, at most `concurrency` at a time. */
export function consumeJobs(
  context: JobsContext,
  tiers: readonly (readonly string[])[],
  concurrency: number | Allowance,
  process: Process,
): Consumption {
  const allowance = allowanceOf(concurrency);
  const source = new JobSource(context, allowance, process);
  const intake = new Intake(tiers, allowance, source);
  const stop = async (): Promise<void> => {
    source.leave();
    await intake.stop();
    await source.settled();
  };
  return { stop, check: () => intake.check() };
}

class JobSource implements IntakeSource<Held> {
  readonly #context: JobsContext;
  readonly #allowance: Allowance;
  readonly #process: Process;
  readonly #leases: Leases<Msg>;
  /** By queue, as the watches. */
  readonly #acks = new Map<string, Acknowledgements>();
  readonly #watches = new Map<string, JobWatch>();
  #leaving = false;

  constructor(context: JobsContext, allowance: Allowance, process: Process) {
    this.#context = context;
    this.#allowance = allowance;
    this.#process = process;
    this.#leases = new Leases(context.ackWaitMs, (raw, timeoutMs) =>
      renew(context.connection, raw, timeoutMs),
    );
  }

  /** The consumption is about to end. */
  leave(): void {
    this.#leaving = true;
  }

  /** Resolves once nothing is on its way any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#acks.values()].map((acks) => acks.done()));
  }

  async take(queue: string, max: number): Promise<readonly Held[]> {
    const { connection } = this.#context;
    if (!connection.ready) await connection.session(usableMs);
    const taken: Held[] = [];
    const request = { ...sourceOf(queue), batch: max, waitMs: 0 };
    const arrived = (raw: Msg): void => void taken.push(this.#hold(raw, noRoom));
    const end = await new Pull(connection, request, arrived).ended;
    if (end === 'silent') await connection.repair();
    if (end instanceof Error && taken.length === 0) throw end;
    return taken;
  }

  async watch(queue: string, max: number, arrived: (held: Held) => void): Promise<Consumption> {
    await this.#context.connection.session(usableMs);
    const watch = this.#watches.get(queue) ?? this.#newWatch(queue);
    this.#watches.set(queue, watch);
    watch.start(max, (raw) => arrived(this.#hold(raw, watch)));
    return watch;
  }

  /** Another watch, for what earlier ones brought is not of its slots. */
  async stream(queue: string, arrived: (held: Held) => void): Promise<IntakeStream> {
    await this.#context.connection.session(usableMs);
    const watch = this.#newWatch(queue);
    watch.start(0, (raw) => arrived(this.#hold(raw, watch)));
    return watch;
  }

  async run(held: Held): Promise<void> {
    let settlement: Settlement;
    try {
      settlement = await this.#process(held);
    } catch (error) {
      settlement = this.#thrown(held, error);
    }
    if (settlement.kind === 'complete') await this.#acksOf(held.message.queue).acknowledge(held);
    else await this.#replace(held, settlement);
  }

  /** A release, not a nak: a nak would count as the death of a holder. */
  giveBack(held: Held): Promise<void> {
    return this.#replace(held, { kind: 'release' });
  }

  failed(error: unknown): void {
    this.#context.warn(toTransportError(error, 'take jobs'));
  }

  #newWatch(queue: string): JobWatch {
    const { connection } = this.#context;
    const failed = (error: TransportError): void => this.failed(error);
    return new JobWatch({ connection, source: sourceOf(queue), failed });
  }

  #acksOf(queue: string): Acknowledgements {
    return this.#acks.get(queue) ?? this.#newAcks(queue);
  }

  #newAcks(queue: string): Acknowledgements {
    const { connection } = this.#context;
    const failed = (error: unknown, held: Held): void => this.#settleFailed(error, held);
    const most = (): number => this.#allowance.concurrency;
    const acks = new Acknowledgements({ connection, most, failed, leaving: () => this.#leaving });
    this.#acks.set(queue, acks);
    return acks;
  }

  #hold(raw: Msg, room: Room): Held {
    return new Held(raw, suspecting(raw, this.#context.ackWaitMs), this.#leases.begin(raw), room);
  }

  #thrown({ message }: Held, error: unknown): Settlement {
    const why = error instanceof Error ? error.message : String(error);
    this.#context.warn(
      new TransportError('job.thrown', `job ${message.id} is released: its process threw: ${why}`),
    );
    return { kind: 'release' };
  }

  /** The next message is stored before the old one goes: a crash in between duplicates, never loses. */
  async #replace(held: Held, settlement: Next): Promise<void> {
    if (await this.#stored(held, settlement)) return this.#acksOf(held.message.queue).acknowledge(held);
    held.lease.end();
    held.room.settled();
  }

  /** Tries as long as the job is ours; once the lease is lost, the job is with another, and what we would say of it is void. Says whether it did. */
  async #stored(held: Held, settlement: Next): Promise<boolean> {
    const { lease } = held;
    const deadline = new Deadline(storeAtEndMs);
    while (!lease.isLost && !(this.#leaving && deadline.passed))
      if (await this.#storedOnce(held, settlement)) return true;
      else await pause(storeAgainMs, lease.lost);
    return false;
  }

  /** Whether it is stored now; false as soon as the lease is lost. */
  async #storedOnce(held: Held, settlement: Next): Promise<boolean> {
    try {
      return await held.lease.unlessLost(this.#storeNext(held, settlement));
    } catch (error) {
      this.#settleFailed(error, held);
      return false;
    }
  }

  async #storeNext({ message, lost }: Held, settlement: Next): Promise<void> {
    const { outbound, queues } = this.#context;
    const next = settledAs(message, settlement);
    if (settlement.kind !== 'deadLetter') return outbound.put(next, settlement.delayMs, lost);
    const among = await queues.deadLettersOf(message.queue);
    await outbound.bury(next, among, { ...settlement, at: new Date().toISOString() }, lost);
  }

  #settleFailed(error: unknown, { message }: Held): void {
    this.#context.warn(toTransportError(error, `settle job ${message.id}`));
  }
}

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
  if (deliveries === 1) return message;
  const marginMs = Math.min(5_000, leaseMs / 2);
  const mostDeaths = Math.max(0, Math.floor((Date.now() - storedAt + marginMs) / leaseMs));
  return { ...message, suspected: message.suspected + Math.min(deliveries - 1, mostDeaths) };
}
