import {
  type fold,
  isFinal,
  type JobEvent,
  type JobState,
  record,
  type Recorded,
  type Sending,
} from '@heavylift/core';
import type { AssetRecord } from '../../apps/gateway/src/store/asset-register.js';
import { recordOfAccepted, stateOfAccepted } from '../../apps/gateway/src/store/job-rows.js';
import type {
  JobFilter,
  JobRecord,
  NewJob,
  Projected,
  StoredEvent,
} from '../../apps/gateway/src/store/job-store.js';
import type { IdempotencyKey } from '../../apps/gateway/src/store/idempotency-keys.js';
import type { Hold, Outgoing } from '../../apps/gateway/src/store/outbox.js';
import { firstSending } from '../../apps/gateway/src/store/sql-outbox.js';
import { queuedEvent } from '../../apps/gateway/src/store/queued-event.js';
import type { OpenStore, SimStore } from './sim-store.js';

interface Row {
  record: JobRecord;
  readonly dueAt: number;
  readonly events: StoredEvent[];
  dispatched: boolean;
  keeper: string | undefined;
  leaseUntil: number;
  sending: Sending | undefined;
  adoptions: number;
}

export const openMemoryStore: OpenStore = async (now, folding) => new MemoryStore(now, folding);

/** What `SqlJobStore` does, a hundred times faster; a test holds the two against each other. */
export class MemoryStore implements SimStore {
  readonly #now: () => number;
  readonly #fold: typeof fold;
  protected readonly rows = new Map<string, Row>();
  readonly #assets = new Map<string, AssetRecord>();

  constructor(now: () => number, folding: typeof fold) {
    this.#now = now;
    this.#fold = folding;
  }

  async accept(jobs: readonly NewJob[], _keys: readonly IdempotencyKey[] = [], hold?: Hold): Promise<void> {
    for (const job of jobs) if (!this.rows.has(job.id)) this.rows.set(job.id, rowOf(job, this.#now(), hold));
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return this.rows.get(id)?.record;
  }

  async list({ status, limit }: JobFilter): Promise<JobRecord[]> {
    const records = [...this.rows.values()].map(({ record }) => record);
    return records.filter((record) => status === undefined || record.status === status).slice(0, limit);
  }

  async history(id: string): Promise<StoredEvent[]> {
    return this.rows.get(id)?.events ?? [];
  }

  async findAssets(ids: readonly string[]): Promise<ReadonlyMap<string, AssetRecord>> {
    return new Map(ids.flatMap((id) => (this.#assets.has(id) ? [[id, this.#assets.get(id)!]] : [])));
  }

  async project(events: readonly JobEvent[]): Promise<Projected> {
    const fresh = events.filter((event) => this.rows.has(event.jobId) && !this.isRecorded(event));
    const changed = new Set<string>();
    const overrun: string[] = [];
    for (const event of fresh) {
      if (this.isRecorded(event)) continue;
      const row = this.rows.get(event.jobId)!;
      if (event.kind === 'started' && isFinal(row.record.status)) overrun.push(event.jobId);
      const recorded = this.recorded(row.record, event);
      if (!recorded) continue;
      this.#take(row, recorded);
      changed.add(event.jobId);
    }
    for (const id of changed) this.#leaveOutbox(this.rows.get(id)!);
    const unknown = events.map((event) => event.jobId).filter((id) => !this.rows.has(id));
    return { changed: [...changed].sort(), overrun, unknown: [...new Set(unknown)].sort() };
  }

  async takeUndispatched(keeper: string, limit: number, leaseMs: number): Promise<Outgoing[]> {
    const now = this.#now();
    const rows = [...this.rows.values()]
      .filter((row) => !row.dispatched && row.dueAt <= now && row.leaseUntil <= now)
      .sort((a, b) => a.dueAt - b.dueAt || (a.record.id < b.record.id ? -1 : 1))
      .slice(0, limit);
    return rows.map((row) => {
      const sending = (row.keeper === keeper && row.sending) || firstSending(row.record, row.adoptions > 0);
      Object.assign(row, { keeper, sending, leaseUntil: now + leaseMs });
      return { job: row.record, ...sending };
    });
  }

  async nextDue(after: number): Promise<number | undefined> {
    const ahead = [...this.rows.values()].filter((row) => !row.dispatched && row.dueAt > after);
    return ahead.length > 0 ? Math.min(...ahead.map(({ dueAt }) => dueAt)) : undefined;
  }

  async markDispatched(ids: readonly string[], keeper: string): Promise<void> {
    for (const row of this.#of(ids)) if (row.keeper === keeper) row.dispatched = true;
  }

  async releaseUndispatched(ids: readonly string[], pauseMs = 0): Promise<void> {
    for (const row of this.#of(ids)) if (!row.dispatched) row.leaseUntil = this.#now() + pauseMs;
  }

  async adopt(keeper: string): Promise<number> {
    const foreign = [...this.rows.values()].filter(
      (row) => !isFinal(row.record.status) && row.keeper !== undefined && row.keeper !== keeper,
    );
    for (const row of foreign) this.#adopt(row);
    return foreign.length;
  }

  async sendAgain(ids: readonly string[]): Promise<number> {
    const lost = this.#of(ids).filter((row) => row.dispatched && !isFinal(row.record.status));
    for (const row of lost) this.#adopt(row);
    return lost.length;
  }

  async undispatched(): Promise<number> {
    return [...this.rows.values()].filter((row) => !row.dispatched).length;
  }

  protected isRecorded(event: JobEvent): boolean {
    return this.rows.get(event.jobId)!.events.some(({ id }) => id === event.id);
  }

  protected recorded(state: JobState, event: JobEvent): Recorded | undefined {
    return record(state, event, this.#fold);
  }

  protected addAssets(event: JobEvent & { readonly kind: 'succeeded' }): void {
    for (const asset of event.assets)
      this.#assets.set(asset.id, { ...asset, createdAt: event.at, jobId: event.jobId });
  }

  #adopt(row: Row): void {
    Object.assign(row, { dispatched: false, keeper: undefined, leaseUntil: 0, sending: undefined });
    row.adoptions++;
  }

  #of(ids: readonly string[]): Row[] {
    return ids.flatMap((id) => this.rows.get(id) ?? []);
  }

  #take(row: Row, { state, event }: Recorded): void {
    if (event.kind === 'succeeded' && !event.late) this.addAssets(event);
    row.record = state as JobRecord;
    row.events.push({ ...event, seq: row.events.length + 1 });
  }

  #leaveOutbox(row: Row): void {
    const { record, sending, adoptions } = row;
    const isUnderWay =
      sending !== undefined &&
      adoptions === 0 &&
      (record.attempt > sending.attempt ||
        (record.attempt === sending.attempt && record.release >= sending.release));
    row.dispatched ||= isFinal(record.status) || isUnderWay;
  }
}

function rowOf(job: NewJob, now: number, hold?: Hold): Row {
  const isDue = stateOfAccepted(job, now).status !== 'scheduled';
  const record = recordOfAccepted(job, now);
  const held = hold && job.dueAt === undefined ? hold : undefined;
  return {
    record,
    dueAt: Date.parse(job.dueAt ?? job.createdAt),
    events: isDue ? [{ ...queuedEvent(job, job.createdAt), seq: 1 }] : [],
    dispatched: false,
    keeper: held?.keeper,
    leaseUntil: held ? now + held.leaseMs : 0,
    sending: held && firstSending(record, false),
    adoptions: 0,
  };
}
