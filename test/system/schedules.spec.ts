import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { JobStore, NewJob } from '../../apps/gateway/src/store/job-store.js';
import { openJobStore } from '../../apps/gateway/src/store/open-job-store.js';
import { Api } from '../support/api.js';
import { HeavyliftProcess } from '../support/process.js';
import {
  chosenBrokers,
  type OwnBroker,
  ownBroker,
  ownFolder,
  ownPostgresDatabase,
  settingsOf,
} from '../support/system.js';

const limitMs = 240_000;
const schedules = 50;
const ticksEach = 20;
const ticks = schedules * ticksEach;
const scheduled = 100_000;
const hourMs = 3_600_000;
const tries = 3;

// The database is what is tested: one broker that gateways can share is enough.
const broker = chosenBrokers.find((one) => one !== 'embedded') ?? 'nats';

type Started = HeavyliftProcess & { readonly url: string };

describe('three gateways on one PostgreSQL', () => {
  let folder: string;
  let own: OwnBroker;
  let database: Awaited<ReturnType<typeof ownPostgresDatabase>>;
  let store: JobStore;
  let sql: pg.Client;
  /** Of its own: within its transaction, the server would not tell anew what the others are at. */
  let locker: pg.Client;
  let env: NodeJS.ProcessEnv;
  let gateways: Started[] = [];

  beforeAll(async () => {
    folder = await ownFolder();
    own = await ownBroker(broker);
    database = await ownPostgresDatabase();
    store = await openJobStore(database.url);
    sql = new pg.Client({ connectionString: database.url });
    locker = new pg.Client({ connectionString: database.url });
    await Promise.all([sql.connect(), locker.connect()]);
    env = settingsOf({ folder, brokerUrl: own.url, env: { DATABASE_URL: database.url } });
  }, limitMs);
  afterAll(async () => {
    // First: a lock that a failed test left would keep the gateways from stopping.
    await locker?.end();
    await Promise.all(gateways.map((one) => one.stop()));
    await sql?.end();
    await store?.close();
    await own?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  /** How many gateways stand in the middle of a tick: they hold schedules and wait to store the jobs' events. */
  async function ticking(): Promise<number> {
    const { rows } = await sql.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where datname = current_database()
       and wait_event_type = 'Lock' and query like '%insert into jobs%'`,
    );
    return rows[0]!.count;
  }

  const count = async (): Promise<number> => {
    const { rows } = await sql.query<{ count: number }>(
      'select count(*)::int as count from jobs where schedule_id is not null',
    );
    return rows[0]!.count;
  };

  it(
    'make 1,000 jobs of 1,000 ticks, though one is killed in mid-tick',
    async () => {
      const missed = await addMissed(store);
      await locker.query('begin');
      await locker.query('lock table job_events in exclusive mode');
      gateways = await Promise.all([1, 2, 3].map(() => HeavyliftProcess.start('gateway', env)));
      await waitUntil('all are in mid-tick', async () => (await ticking()) === 3, { timeoutMs: 60_000 });
      await gateways.pop()!.kill();
      await locker.query('commit');
      await waitUntil('every tick has its job', async () => (await count()) >= ticks, { timeoutMs: 60_000 });
      const nothingDue = async (): Promise<boolean> =>
        ((await store.untilNextTick(['video.transcode'])) ?? Infinity) > 0;
      await waitUntil('nothing is due', nothingDue, { timeoutMs: 60_000 });
      const { rows } = await sql.query<{ tick: string; status: string }>(
        `select schedule_id || ' ' || scheduled_for as tick, status from jobs where schedule_id is not null`,
      );
      expect(rows.map(({ tick }) => tick).sort()).toEqual(missed.sort());
      expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['queued']));
    },
    limitMs,
  );

  it(
    'make one job a tick of a schedule that runs every second, whoever dies',
    async () => {
      const api = new Api(gateways[0]!.url);
      const { status, body } = await api.post<{ id: string }>('/v1/schedules', {
        name: 'every second',
        cron: '* * * * * *',
        catchUp: 'all',
        type: 'video.transcode',
        payload: { source: 'https://example.com/a.mov', format: 'mp4' },
      });
      expect(status).toBe(201);
      const made = async (): Promise<{ tick: number; createdAt: number }[]> => {
        const { rows } = await sql.query<{ scheduled_for: string; created_at: string }>(
          'select scheduled_for, created_at from jobs where schedule_id = $1 order by scheduled_for',
          [body.id],
        );
        return rows.map((row) => ({
          tick: Number(row.scheduled_for),
          createdAt: Date.parse(row.created_at),
        }));
      };
      await waitUntil('three ticks', async () => (await made()).length >= 3, { timeoutMs: 60_000 });
      await gateways.shift()!.kill();
      await waitUntil('more ticks', async () => (await made()).length >= 6, { timeoutMs: 60_000 });
      const other = new Api(gateways[0]!.url);
      await other.call('POST', `/v1/schedules/${body.id}/pause`);
      const jobs = await made();
      expect(jobs.map(({ tick }) => tick)).toEqual(jobs.map((_, i) => jobs[0]!.tick + 1_000 * i));
      for (const { tick, createdAt } of jobs) expect(createdAt).toBeGreaterThanOrEqual(tick);
    },
    limitMs,
  );

  it(
    'hold 100,000 scheduled jobs in the database, not in memory, and send those that are due in time',
    async () => {
      const [gateway] = gateways as [Started];
      const before = gateway.memoryMiB;
      await addScheduled(store, sql);
      const late: number[] = [];
      // Nearly all, and again if need be: the machine may stand still for a moment.
      while (late.length < tries && !late.some((ms) => ms < 1_000)) {
        const lateMs = await lateness();
        expect(lateMs[0]).toBeGreaterThanOrEqual(0);
        late.push(lateMs[90]!);
      }
      expect(Math.min(...late)).toBeLessThan(1_000);
      expect(gateway.memoryMiB - before).toBeLessThan(128);
      expect((await store.counts()).scheduled).toBe(scheduled);
    },
    limitMs,
  );

  /** How late each of 100 jobs was queued, in milliseconds, the least first. */
  async function lateness(): Promise<number[]> {
    const due = Array.from({ length: 100 }, (_, i) => jobIn(1_000 + 20 * i));
    await store.accept(due);
    const queued = async (): Promise<number[]> => {
      const jobs = await Promise.all(due.map(({ id }) => store.get(id)));
      return jobs.flatMap((job) =>
        job?.queuedAt ? [Date.parse(job.queuedAt) - Date.parse(job.dueAt!)] : [],
      );
    };
    const allQueued = async (): Promise<boolean> => (await queued()).length === due.length;
    await waitUntil('those that are due are queued', allQueued, { timeoutMs: 60_000 });
    return (await queued()).sort((a, b) => a - b);
  }
});

/** Over the next year; copies of one, since each through the store would take its time. */
async function addScheduled(store: JobStore, sql: pg.Client): Promise<void> {
  const first = jobIn(hourMs);
  await store.accept([first]);
  await sql.query(
    `insert into jobs select copied.* from jobs as job, generate_series(1, ${scheduled - 1}) as nr,
       jsonb_populate_record(job, jsonb_build_object(
         'id', gen_random_uuid(), 'due_at', job.due_at + nr * 300000::bigint)) as copied
     where job.id = $1`,
    [first.id],
  );
}

function jobIn(ms: number): NewJob {
  const now = Date.now();
  return {
    ...{ id: uuidv7(), type: 'video.transcode', version: 1, maxAttempts: 3, timeoutMs: 60_000 },
    payload: { source: 'https://example.com/a.mov', format: 'mp4' },
    createdAt: new Date(now).toISOString(),
    dueAt: new Date(now + ms).toISOString(),
  };
}

/** Schedules with so many ticks each that nobody was there for, and no more for a year; returns the ticks. */
async function addMissed(store: JobStore): Promise<string[]> {
  const minuteMs = 60_000;
  const minute = new Date(Math.floor(Date.now() / minuteMs) * minuteMs - 10 * minuteMs);
  const [, month, day, hour, at] = /^\d+-(\d+)-(\d+)T(\d+):(\d+)/.exec(minute.toISOString())!.map(Number);
  const ids = Array.from({ length: schedules }, () => uuidv7());
  for (const id of ids)
    await store.addSchedule({
      id,
      name: id,
      cron: `0-${ticksEach - 1} ${at} ${hour} ${day} ${month} *`,
      timezone: 'UTC',
      type: 'video.transcode',
      payload: { source: 'https://example.com/a.mov', format: 'mp4' },
      options: {},
      catchUp: 'all',
      paused: false,
      createdAt: minute.toISOString(),
      updatedAt: minute.toISOString(),
      nextRunAt: minute.toISOString(),
    });
  return ids.flatMap((id) =>
    Array.from({ length: ticksEach }, (_, i) => `${id} ${minute.getTime() + 1_000 * i}`),
  );
}
