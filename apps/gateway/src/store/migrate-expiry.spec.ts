import { expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { databases } from './databases.fixtures.js';
import { asset, event, newJob } from './job-store.fixtures.js';
import { openJobStore } from './open-job-store.js';
import { openPostgres } from './postgres.js';
import { openSqlite } from './sqlite/open-sqlite.js';

const day = 86_400_000;

/** As it was before jobs expired, and before their ends were noted in a column. */
async function takeBack(url: string): Promise<void> {
  const database = url.startsWith('sqlite:') ? openSqlite(url.slice('sqlite:'.length)) : openPostgres(url);
  await database.write(async (db) => {
    for (const index of ['jobs_by_end', 'assets_by_job', 'jobs_by_schedule'])
      await sql`drop index ${sql.ref(index)}`.execute(db);
    for (const table of ['expired_jobs', 'asset_uses', 'job_logs'])
      await sql`drop table ${sql.table(table)}`.execute(db);
    await sql`delete from kysely_migration where name >= '0008'`.execute(db);
    await db.updateTable('jobs').set({ finished_at: null }).execute();
  });
  await database.close();
}

it.each(Object.entries(databases))(
  'jobs of an older database on %s expire from its move on, and keep the files that they name',
  async (_, emptyDatabase) => {
    const database = await emptyDatabase();
    const before = await openJobStore(database.url);
    const at = new Date(Date.now() - 40 * day).toISOString();
    const [maker, open] = [newJob({ createdAt: at }), newJob({ createdAt: at })];
    const [used, unused] = ['a', 'b'].map((file) => asset({ id: `${maker.id}.1.9f1c03ab.${file}` }));
    const user = newJob({ payload: { source: used!.id } });
    await before.accept([maker, open, user]);
    await before.project([event(maker, { kind: 'succeeded', result: {}, assets: [used!, unused!], at })]);
    await before.close();
    await takeBack(database.url);

    const store = await openJobStore(database.url);
    expect(await store.removeExpired(Date.now() - 30 * day, 500)).toBe(0);
    expect(await store.removeExpired(Date.now() + day, 500)).toBe(1);
    expect(await store.get(open.id)).toMatchObject({ status: 'queued' });
    expect([...(await store.findAssets([used!.id, unused!.id])).keys()]).toEqual([used!.id]);
    await store.close();
    await database.remove();
  },
);
