import type { NewJob } from './job-store.js';

/** What becomes of ticks that were missed: none is run, the latest, or each. */
export type CatchUp = (typeof catchUps)[number];
export const catchUps = ['skip', 'one', 'all'] as const;

/** The part of the store that knows which jobs are to be made again and again. */
export interface ScheduleBook {
  /** @throws {ScheduleNameTakenError} */
  addSchedule(schedule: ScheduleRecord): Promise<void>;

  getSchedule(id: string): Promise<ScheduleRecord | undefined>;

  /** By name; those after `afterName`, at most `limit`. */
  listSchedules(limit: number, afterName?: string): Promise<ScheduleRecord[]>;

  /**
   * Replaces a schedule by what `edit` makes of it; nobody else changes it meanwhile, and no tick of it is made. Nothing changes when
   * `edit` returns nothing. Returns the schedule as it then stands.
   * @throws {ScheduleNameTakenError}
   */
  editSchedule(id: string, edit: EditSchedule): Promise<ScheduleRecord | undefined>;

  /** False when there was none. Jobs that it made stay. */
  removeSchedule(id: string): Promise<boolean>;

  /** Notes a job that a person had the schedule make now. */
  noteRun(id: string, jobId: string): Promise<void>;

  /** How long until the next tick of a schedule of these job types, in milliseconds, negative when it is due; nothing when none is to come. */
  untilNextTick(jobTypes: readonly string[]): Promise<number | undefined>;

  /**
   * Takes schedules that are due, the longest due first, asks `plan` what each makes now, and stores their jobs and next runs: all of it
   * or, when this process dies amid it, nothing. Of two that tick at once, each gets other schedules.
   */
  tick(ticking: Ticking, plan: PlanTicks): Promise<Ticked>;
}

export interface ScheduleRecord {
  /** A UUID of version 7. */
  readonly id: string;
  readonly name: string;
  readonly cron: string;
  readonly timezone: string;
  readonly type: string;
  readonly payload: object;
  readonly options: object;
  readonly catchUp: CatchUp;
  readonly paused: boolean;
  /** ISO 8601, like every moment here. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Absent while it is paused. */
  readonly nextRunAt?: string;
  readonly lastRunAt?: string;
  readonly lastJobId?: string;
}

export interface Ticking {
  /** Schedules of other types are left to gateways that know them. */
  readonly jobTypes: readonly string[];
  readonly mostSchedules: number;
  /** Jobs in one transaction; each schedule gets an equal share, and at least one. */
  readonly mostJobs: number;
}

/** What a schedule becomes; nothing when it stays. May be called again when a transaction is. */
export type EditSchedule = (schedule: ScheduleRecord) => ScheduleRecord | undefined;

/** One that may be of another thread: it answers later. */
export type Later<F extends (...args: never[]) => unknown> = (
  ...args: Parameters<F>
) => ReturnType<F> | Promise<ReturnType<F>>;

/** Says what a schedule that is due makes at `now` (milliseconds since 1970), at most `most` jobs. May be called again when a transaction is. */
export type PlanTicks = (schedule: ScheduleRecord, now: number, most: number) => PlannedTicks;

export interface PlannedTicks {
  readonly jobs: readonly NewJob[];
  /** ISO 8601; absent when no tick is to come. May have passed: then the schedule is due again at once. */
  readonly nextRunAt: string | undefined;
}

export interface Ticked {
  readonly schedules: number;
  readonly jobs: number;
}

/** Another schedule has this name. */
export class ScheduleNameTakenError extends Error {
  override readonly name = 'ScheduleNameTakenError';

  constructor(
    readonly taken: string,
    options?: ErrorOptions,
  ) {
    super(`the schedule name "${taken}" is taken; choose another`, options);
  }
}
