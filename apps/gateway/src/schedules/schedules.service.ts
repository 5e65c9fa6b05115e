import type { FieldError, JobDefinition } from '@heavylift/core';
import { newId } from '@heavylift/nestjs';
import type { RequestKey } from '../jobs/idempotent-requests.js';
import { type JobsService, notValid } from '../jobs/jobs.service.js';
import { newJob } from '../jobs/new-job.js';
import { Problem } from '../problems/problem.js';
import {
  type JobRecord,
  type ScheduleBook,
  ScheduleNameTakenError,
  type ScheduleRecord,
} from '../store/index.js';
import { CronTimes } from './cron-times.js';
import { errorsOfForm, errorsOfOptions, halvesOf, type JobForm, type ScheduleForm } from './schedule-form.js';
import type { ScheduleQuery } from './schedule-query.js';

export interface SchedulesServiceOptions {
  readonly store: ScheduleBook;
  readonly jobs: Pick<JobsService, 'errorsOf' | 'enqueue'>;
  readonly jobTypes: ReadonlyMap<string, JobDefinition>;
}

/** What a person can set of a schedule. */
type Settings = Pick<
  ScheduleRecord,
  'name' | 'cron' | 'timezone' | 'type' | 'payload' | 'options' | 'catchUp' | 'paused'
>;

/** Keeps the schedules: checks them as strictly as the jobs that they will make. The scheduler runs them. */
export class SchedulesService {
  readonly #store: ScheduleBook;
  readonly #jobs: SchedulesServiceOptions['jobs'];
  readonly #jobTypes: ReadonlyMap<string, JobDefinition>;

  constructor({ store, jobs, jobTypes }: SchedulesServiceOptions) {
    this.#store = store;
    this.#jobs = jobs;
    this.#jobTypes = jobTypes;
  }

  /** @throws {Problem} 422 with every wrong field; 409 when the name is taken */
  async create(body: unknown): Promise<ScheduleRecord> {
    const settings = await this.#checked(body);
    const now = new Date().toISOString();
    const schedule = withNextRun({ id: newId(), ...settings, createdAt: now, updatedAt: now });
    await refusingTakenName(() => this.#store.addSchedule(schedule));
    return schedule;
  }

  /** @throws {Problem} 404 */
  async get(id: string): Promise<ScheduleRecord> {
    return found(await this.#store.getSchedule(id), id);
  }

  /** By name. */
  list({ limit, afterName }: ScheduleQuery): Promise<ScheduleRecord[]> {
    return this.#store.listSchedules(limit, afterName);
  }

  /**
   * Changes the fields that are given. With another cron or time zone, the next run is the next moment of that one.
   * @throws {Problem} 404; 422 with every wrong field; 409 when the name is taken
   */
  async edit(id: string, body: unknown): Promise<ScheduleRecord> {
    for (;;) {
      const seen = await this.get(id);
      const settings = await this.#checked(merged(seen, body));
      const edited = await refusingTakenName(() => this.#replace(seen, settings));
      if (edited) return edited;
    }
  }

  /**
   * Paused, it makes no jobs. Resumed, it goes on with the next moment of its cron: ticks meanwhile were none.
   * @throws {Problem} 404
   */
  async setPaused(id: string, paused: boolean): Promise<ScheduleRecord> {
    const schedule = await this.#store.editSchedule(id, (current) =>
      current.paused === paused ? undefined : changed(current, { paused }),
    );
    return found(schedule, id);
  }

  /** @throws {Problem} 404 */
  async remove(id: string): Promise<void> {
    if (!(await this.#store.removeSchedule(id))) found(undefined, id);
  }

  /**
   * Makes a job of it now, also while it is paused; its ticks go on as before.
   * @throws {Problem} 404; 422 when the job would be refused by now
   */
  async run(id: string, key?: RequestKey): Promise<JobRecord> {
    const { type, payload, options } = await this.get(id);
    const errors = await this.#jobs.errorsOf({ type, payload, options });
    if (errors.length > 0) throw notValid('schedule.invalid', errors);
    const job = { ...newJob({ type, payload, options }, this.#jobTypes.get(type)!), scheduleId: id };
    const [accepted] = await this.#jobs.enqueue([job], key);
    await this.#store.noteRun(id, job.id);
    return accepted!;
  }

  /** Nothing when another edit came between: what was checked is not what would be stored. */
  async #replace(seen: ScheduleRecord, settings: Settings): Promise<ScheduleRecord | undefined> {
    let edited: ScheduleRecord | undefined;
    const stored = await this.#store.editSchedule(seen.id, (current) => {
      edited = current.updatedAt === seen.updatedAt ? changed(current, settings) : undefined;
      return edited;
    });
    found(stored, seen.id);
    return edited;
  }

  async #checked(body: unknown): Promise<Settings> {
    const { when, what } = halvesOf(body);
    const errors: FieldError[] = [...errorsOfForm(when)];
    if (!errors.some(({ path }) => path === ''))
      errors.push(...(await this.#jobs.errorsOf(what)), ...errorsOfOptions(what.options));
    if (errors.length > 0) throw notValid('schedule.invalid', errors);
    return settingsOf(when as ScheduleForm, what as JobForm);
  }
}

function settingsOf(when: ScheduleForm, what: JobForm): Settings {
  return {
    name: when.name,
    cron: when.cron,
    timezone: when.timezone ?? 'UTC',
    type: what.type,
    payload: what.payload,
    options: what.options ?? {},
    catchUp: when.catchUp ?? 'one',
    paused: when.paused ?? false,
  };
}

/** The body laid over what there is; a body that is no object is refused as such. */
function merged(schedule: ScheduleRecord, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const { name, cron, timezone, type, payload, options, catchUp, paused } = schedule;
  return { name, cron, timezone, type, payload, options, catchUp, paused, ...body };
}

function changed(current: ScheduleRecord, settings: Partial<Settings>): ScheduleRecord {
  // Later than before, also when the clock is not: it tells one edit from another.
  const updatedAt = new Date(Math.max(Date.now(), Date.parse(current.updatedAt) + 1)).toISOString();
  const next = { ...current, ...settings, updatedAt };
  const sameTimes =
    next.cron === current.cron && next.timezone === current.timezone && next.paused === current.paused;
  return sameTimes ? next : withNextRun(next);
}

/** From now on; never a tick that was run before, not even when the clock was set back. */
function withNextRun({ nextRunAt: _before, ...schedule }: ScheduleRecord): ScheduleRecord {
  if (schedule.paused) return schedule;
  const after = Math.max(Date.now(), Date.parse(schedule.lastRunAt ?? schedule.createdAt));
  const [next] = new CronTimes(schedule.cron, schedule.timezone).next(after);
  return next === undefined ? schedule : { ...schedule, nextRunAt: new Date(next).toISOString() };
}

function found(schedule: ScheduleRecord | undefined, id: string): ScheduleRecord {
  if (!schedule) throw new Problem(404, 'schedule.not_found', `there is no schedule "${id}"`);
  return schedule;
}

async function refusingTakenName<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ScheduleNameTakenError)) throw error;
    throw new Problem(409, 'schedule.name_taken', error.message, {
      errors: [{ path: 'name', message: 'is taken by another schedule' }],
    });
  }
}
