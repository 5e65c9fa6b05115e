import {
  type Consumption,
  Intake,
  type IntakeSource,
  nextAttempt,
  type Process,
  released,
  type Settlement,
} from '@heavylift/core';
import type { Connection } from './connection.js';
import { shortestDelayMs } from './delays.js';
import type { Held } from './feed.js';
import { JobLane } from './job-lane.js';
import type { JobRoutes } from './job-routes.js';
import { notBefore } from './message-codec.js';
import { pause } from './pause.js';
import { SingleShotFeed } from './single-shot-feed.js';
import { SteadyFeed } from './steady-feed.js';

/** How long a job is kept whose next message the broker did not take, before it goes back: at once would be a hot loop. */
const pauseBeforeRequeueMs = 1_000;

/** One consumption of jobs: a lane per queue, filled and settled by the core's intake. */
export class Jobs implements IntakeSource<Held>, Consumption {
  readonly #lanes: ReadonlyMap<string, JobLane>;
  readonly #routes: JobRoutes;
  readonly #process: Process;
  readonly #intake: Intake<Held>;
  /** What is on its way without a slot. */
  readonly #apart = new Set<Promise<void>>();
  #failure: unknown;

  constructor(
    queues: readonly string[],
    concurrency: number,
    broker: {
      readonly clientName: string;
      readonly connection: Connection;
      readonly routes: JobRoutes;
      readonly process: Process;
    },
  ) {
    const { clientName, connection } = broker;
    this.#routes = broker.routes;
    this.#process = broker.process;
    this.#lanes = new Map(
      queues.map((queue) => {
        const Feed = queues.length === 1 ? SteadyFeed : SingleShotFeed;
        return [queue, new JobLane(queue, new Feed(queue, `${clientName}:${queue}`), connection)];
      }),
    );
    this.#intake = new Intake(queues, concurrency, this);
  }

  /** Why jobs do not come in now. */
  get failure(): unknown {
    return this.#failure ?? [...this.#lanes.values()].find(({ failure }) => failure)?.failure;
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

  async run(held: Held): Promise<void> {
    const settlement = await this.#outcome(held);
    await this.#settle(held, settlement);
  }

  giveBack(held: Held): Promise<void> {
    return this.#track(this.#settle(held, { kind: 'release' }));
  }

  failed(error: unknown): void {
    this.#failure = error;
  }

  async stop(): Promise<void> {
    const lanes = [...this.#lanes.values()];
    await Promise.all([this.#intake.stop(), ...lanes.map((lane) => lane.end())]);
    // After its stop the intake waits for no job that it gives back.
    await Promise.all(this.#apart);
    await Promise.all(lanes.map((lane) => lane.close()));
  }

  #lane(queue: string): JobLane {
    return this.#lanes.get(queue)!;
  }

  async #outcome(held: Held): Promise<Settlement> {
    try {
      return await this.#process(held.delivery);
    } catch {
      return { kind: 'release' };
    }
  }

  /** True when it can run; otherwise sends it on for the rest of its wait. */
  #isDue(held: Held): boolean {
    const leftMs = (notBefore(held.received) ?? 0) - Date.now();
    if (leftMs < shortestDelayMs) return true;
    void this.#track(this.#replace(held, () => this.#routes.send(held.delivery.message, leftMs)));
    return false;
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#apart.delete(tracked));
    this.#apart.add(tracked);
    return tracked;
  }

  async #settle(held: Held, settlement: Settlement): Promise<void> {
    const { message } = held.delivery;
    await this.#replace(held, async () => {
      if (settlement.kind === 'retry') await this.#routes.send(nextAttempt(message), settlement.delayMs);
      if (settlement.kind === 'release') await this.#routes.send(released(message));
      if (settlement.kind === 'deadLetter')
        await this.#routes.deadLetter(message, settlement.reason, settlement.detail);
    });
  }

  /**
   * Puts the next message in the place of this one, which goes only once that is safe. Of a job that is no longer ours there will be
   * no second one: the broker has it.
   */
  async #replace(held: Held, sendNext: () => Promise<void>): Promise<void> {
    try {
      if (!held.isOurs()) return;
      await sendNext();
      await held.settleable;
      held.ack();
      this.#failure = undefined;
    } catch (error) {
      this.failed(error);
      await pause(pauseBeforeRequeueMs, held.delivery.lost);
      await held.settleable;
      held.requeue();
    } finally {
      held.done();
    }
  }
}
