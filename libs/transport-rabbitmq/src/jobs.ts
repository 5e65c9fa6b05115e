import {
  type Allowance,
  type Consumption,
  Intake,
  type IntakeSource,
  type IntakeStream,
  pause,
  type Process,
  settledAs,
  type Settlement,
} from '@heavylift/core';
import { asError, brokerError } from './broker-error.js';
import type { Connection } from './connection.js';
import { Custody } from './custody.js';
import type { Declarations } from './declarations.js';
import { shortestDelayMs } from './delays.js';
import type { Held } from './held.js';
import { JobLane } from './job-lane.js';
import type { JobRoutes } from './job-routes.js';
import { Lease } from './lease.js';
import { notBefore } from './message-codec.js';
import { SingleShotFeed } from './single-shot-feed.js';
import { SteadyFeed } from './steady-feed.js';

/** How long a job is kept whose next message the broker did not take, before it goes back: at once would be a hot loop. */
const pauseBeforeRequeueMs = 1_000;

/** What a consumption works with. */
export interface JobsBroker {
  readonly clientName: string;
  readonly connection: Connection;
  readonly declarations: Declarations;
  readonly routes: JobRoutes;
  readonly leaseRenewMs: number;
}

/** One consumption of jobs: a lane per queue, filled and settled by the core's intake. */
export class Jobs implements IntakeSource<Held>, Consumption {
  readonly #lanes: ReadonlyMap<string, JobLane>;
  readonly #broker: JobsBroker;
  readonly #custody: Custody;
  readonly #process: Process;
  readonly #intake: Intake<Held>;
  readonly #leases = new Set<Lease>();
  /** What is on its way without a slot. */
  readonly #apart = new Set<Promise<void>>();
  #failure: unknown;

  constructor(
    tiers: readonly (readonly string[])[],
    concurrency: number | Allowance,
    process: Process,
    broker: JobsBroker,
  ) {
    const queues = tiers.flat();
    this.#broker = broker;
    this.#custody = new Custody(broker.clientName, broker.connection, broker.routes);
    this.#process = process;
    this.#lanes = new Map(queues.map((queue) => [queue, this.#open(queue, queues.length === 1)]));
    this.#intake = new Intake(tiers, concurrency, this);
  }

  /** Why jobs do not come in, or are about to be lost. */
  get failure(): unknown {
    const parts = [...this.#lanes.values(), ...this.#leases];
    return this.#failure ?? parts.find(({ failure }) => failure)?.failure;
  }

  async take(queue: string, max: number): Promise<readonly Held[]> {
    const taken = await this.#lane(queue).take(max);
    this.#failure = undefined;
    return taken.filter((held) => this.#isDue(held));
  }

  watch(queue: string, max: number, arrived: (held: Held) => void): Promise<Consumption> {
    return this.#lane(queue).watch(max, (held) => {
      if (this.#isDue(held)) arrived(held);
    });
  }

  stream(queue: string, arrived: (held: Held) => void, over: () => void): Promise<IntakeStream> {
    const ifDue = (held: Held): void => {
      if (this.#isDue(held)) arrived(held);
    };
    return this.#lane(queue).stream(ifDue, over);
  }

  async run(held: Held): Promise<void> {
    const lease = new Lease(held, this.#custody, this.#broker.leaseRenewMs);
    this.#leases.add(lease);
    const settlement = await this.#outcome(held);
    const moving = lease.end();
    if (moving) await moving;
    this.#leases.delete(lease);
    await this.#settle(held, settlement);
  }

  giveBack(held: Held): Promise<void> {
    return this.#track(this.#settle(held, { kind: 'release' }));
  }

  failed(error: unknown): void {
    this.#failure = error;
  }

  async check(): Promise<void> {
    const { failure } = this;
    if (failure) throw brokerError('broker.refused', 'jobs do not come in', asError(failure));
    await this.#intake.check();
  }

  async stop(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    await Promise.all([this.#intake.stop(), ...lanes.map((lane) => lane.end())]);
    // After its stop the intake waits for no job that it gives back.
    await Promise.all(this.#apart);
    await Promise.all([this.#custody.close(), ...lanes.map((lane) => lane.close())]);
  }

  #open(queue: string, alone: boolean): JobLane {
    const { clientName, connection, declarations } = this.#broker;
    const Feed = alone ? SteadyFeed : SingleShotFeed;
    const tag = `${clientName}:${queue}`;
    const feed = new Feed(queue, tag);
    return new JobLane({ queue, tag, declared: declarations.jobQueue(queue) }, feed, connection);
  }

  #lane(queue: string): JobLane {
    return this.#lanes.get(queue)!;
  }

  async #outcome(held: Held): Promise<Settlement> {
    try {
      return await this.#process(held);
    } catch {
      return { kind: 'release' };
    }
  }

  /** True when it can run; otherwise sends it on for the rest of its wait. */
  #isDue(held: Held): boolean {
    const leftMs = (notBefore(held.received) ?? 0) - Date.now();
    if (leftMs < shortestDelayMs) return true;
    void this.#track(this.#replace(held, () => this.#broker.routes.send(held.message, leftMs)));
    return false;
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#apart.delete(tracked));
    this.#apart.add(tracked);
    return tracked;
  }

  #settle(held: Held, settlement: Settlement): Promise<void> {
    if (settlement.kind === 'complete') return this.#replace(held);
    return this.#replace(held, () => {
      const { routes } = this.#broker;
      const next = settledAs(held.message, settlement);
      return settlement.kind === 'deadLetter'
        ? routes.deadLetter(next, settlement.reason, settlement.detail)
        : routes.send(next, settlement.delayMs);
    });
  }

  /**
   * Puts the next message, if there is one, in the place of this one, which goes only once that is safe. Of a job that is no longer ours there will be
   * no second one: the broker has it.
   */
  async #replace(held: Held, sendNext?: () => Promise<void>): Promise<void> {
    try {
      if (!held.isOurs()) return;
      if (sendNext) await sendNext();
      await held.ack();
      this.#failure = undefined;
    } catch (error) {
      this.failed(error);
      await pause(pauseBeforeRequeueMs, held.lost);
      await held.requeue();
    } finally {
      this.#lane(held.message.queue).letGo(held);
    }
  }
}
