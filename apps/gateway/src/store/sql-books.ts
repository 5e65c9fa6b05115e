import type { AssetRecord, AssetRegister } from './asset-register.js';
import type { Database } from './database.js';
import type {
  EditSchedule,
  Later,
  PlanTicks,
  ScheduleBook,
  ScheduleRecord,
  Ticked,
  Ticking,
} from './schedule-book.js';
import { deleteAsset, insertAssets, rowOfAsset, selectAsset, selectAssets } from './sql-asset-register.js';
import * as schedules from './sql-schedule-book.js';
import {
  addSamples,
  type Counted,
  forgetStatistics,
  readSamples,
  readStatistics,
  type Sampled,
  type Span,
} from './sql-statistics.js';
import type { StatisticsBook } from './statistics-book.js';

/** What the store keeps beside the jobs themselves: schedules, files, statistics. */
export class SqlBooks implements ScheduleBook, AssetRegister, StatisticsBook {
  readonly #database: Database;
  readonly #now: () => number;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  addSchedule(schedule: ScheduleRecord): Promise<void> {
    return schedules.refusingTakenName(
      () => schedule.name,
      () => this.#database.write((db) => schedules.insertSchedule(db, schedule)),
    );
  }

  async getSchedule(id: string): Promise<ScheduleRecord | undefined> {
    return canBeStored(id) ? this.#database.read((db) => schedules.selectSchedule(db, id)) : undefined;
  }

  listSchedules(limit: number, afterName?: string): Promise<ScheduleRecord[]> {
    return this.#database.read((db) => schedules.selectSchedules(db, limit, afterName));
  }

  async editSchedule(id: string, edit: Later<EditSchedule>): Promise<ScheduleRecord | undefined> {
    return canBeStored(id) ? schedules.editSchedule(this.#database, id, edit) : undefined;
  }

  async removeSchedule(id: string): Promise<boolean> {
    return canBeStored(id) && (await this.#database.write((db) => schedules.deleteSchedule(db, id)));
  }

  noteRun(id: string, jobId: string): Promise<void> {
    return this.#database.write((db) => schedules.setLastRun(db, id, { at: this.#now(), jobId }));
  }

  async untilNextTick(jobTypes: readonly string[]): Promise<number | undefined> {
    const next = await this.#database.read((db) => schedules.nextTick(db, jobTypes));
    return next === undefined ? undefined : next - this.#now();
  }

  tick(ticking: Ticking, plan: Later<PlanTicks>): Promise<Ticked> {
    const { isPostgres: locksRows } = this.#database;
    return this.#database.write((db) =>
      schedules.tick(db, { ...ticking, now: this.#now(), locksRows }, plan),
    );
  }

  async saveAsset(asset: AssetRecord): Promise<void> {
    await this.#database.write((db) => insertAssets(db, [rowOfAsset(asset)]));
  }

  async getAsset(id: string): Promise<AssetRecord | undefined> {
    return canBeStored(id) ? this.#database.read((db) => selectAsset(db, id)) : undefined;
  }

  async removeAsset(id: string): Promise<boolean> {
    return canBeStored(id) && (await this.#database.write((db) => deleteAsset(db, id)));
  }

  findAssets(ids: readonly string[]): Promise<ReadonlyMap<string, AssetRecord>> {
    return this.#database.read((db) => selectAssets(db, ids.filter(canBeStored)));
  }

  statistics(span: Span): Promise<Counted[]> {
    return this.#database.read((db) => readStatistics(db, span));
  }

  samples(span: Span): Promise<Sampled[]> {
    return this.#database.read((db) => readSamples(db, span));
  }

  async saveSamples(samples: readonly Omit<Sampled, 'at'>[]): Promise<void> {
    const now = this.#now();
    const rows = samples.map((sample) => ({ ...sample, at: now - (now % 60_000) }));
    await this.#database.write((db) => addSamples(db, rows));
  }

  forgetStatistics(): Promise<number> {
    return this.#database.write((db) => forgetStatistics(db, this.#now()));
  }
}

/** PostgreSQL has no text with a NUL in it; such an id, from outside, is simply not there. */
export function canBeStored(id: string): boolean {
  return !id.includes('\0');
}
