import type { JobDefinition, Logger } from '@heavylift/core';
import { Bell } from '../dispatch/bell.js';
import { SparingLog } from '../dispatch/sparing-log.js';
import { newJob } from '../jobs/new-job.js';
import type { PlannedTicks, ScheduleBook, ScheduleRecord } from '../store/index.js';
import { dueTicks } from './due-ticks.js';

export interface SchedulerOptions {
  readonly store: Pick<ScheduleBook, 'untilNextTick' | 'tick'>;
  readonly jobTypes: ReadonlyMap<string, JobDefinition>;
  /** Called when jobs were made. */
  readonly onJobs: () => void;
  readonly logger: Logger;
}

/** The longest that a schedule waits which another gateway made, and the shortest pause after a failure. */
const longestWaitMs = 500;
/** While another gateway is at the schedules that are due. */
const yieldMs = 50;
const failurePauseMs = 1_000;
const postponeMs = 60_000;
const mostSchedules = 20;
const mostJobs = 200;

/**
 * Makes the jobs of schedules that are due. A tick is one transaction of the store, so any number of gateways may run this: each tick makes one
 * job, also when the gateway that is at it dies. A database that is away is waited for; what was missed then follows each schedule's `catchUp`.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #log: SparingLog;
  readonly #bell = new Bell();
  #loop: Promise<void> | undefined;
  #stopping = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#log = new SparingLog(options.logger, 10_000);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when the transaction that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#bell.ring();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const waitMs = await this.#turn();
      // Also when there is more to do: SQLite answers at once, and nothing else in this process would get its turn.
      if (!this.#stopping) await this.#bell.wait(waitMs);
    }
  }

  /** Ticks what is due; says how long to wait then. */
  async #turn(): Promise<number> {
    try {
      const { store, jobTypes } = this.#options;
      const types = [...jobTypes.keys()];
      const waitMs = (await store.untilNextTick(types)) ?? longestWaitMs;
      if (waitMs > 0) return Math.min(waitMs, longestWaitMs);
      return await this.#tick(types);
    } catch (error) {
      this.#log.warn('schedules wait: the store cannot be used', { error });
      return failurePauseMs;
    }
  }

  async #tick(jobTypes: readonly string[]): Promise<number> {
    const { store, onJobs } = this.#options;
    const ticked = await store.tick({ jobTypes, mostSchedules, mostJobs }, (schedule, now, most) =>
      this.#plan(schedule, now, most),
    );
    if (ticked.jobs > 0) onJobs();
    return ticked.schedules > 0 ? 0 : yieldMs;
  }

  /** One schedule that cannot be read must not hold up the others. */
  #plan(schedule: ScheduleRecord, now: number, most: number): PlannedTicks {
    try {
      return this.#planned(schedule, now, most);
    } catch (error) {
      this.#options.logger.error('a schedule cannot be run; it is tried again in a minute', {
        schedule: schedule.name,
        error,
      });
      return { jobs: [], nextRunAt: new Date(now + postponeMs).toISOString() };
    }
  }

  #planned(schedule: ScheduleRecord, now: number, most: number): PlannedTicks {
    const { type, payload, options, id: scheduleId } = schedule;
    const definition = this.#options.jobTypes.get(type)!;
    const { ticks, nextRunAt } = dueTicks(schedule, now, most);
    const jobs = ticks.map((tick) => ({
      ...newJob({ type, payload, options }, definition),
      scheduleId,
      scheduledFor: new Date(tick).toISOString(),
    }));
    return { jobs, nextRunAt: nextRunAt === undefined ? undefined : new Date(nextRunAt).toISOString() };
  }
}
