import { openSqlite } from '../../apps/gateway/src/store/sqlite/open-sqlite.js';
import { SqlJobStore } from '../../apps/gateway/src/store/sql-job-store.js';
import type { OpenStore } from './sim-store.js';

/** Opens the product's own store on one database in memory, emptied each time. The fold is the product's, whatever is given. */
export async function sqlStores(): Promise<{ open: OpenStore; close: () => Promise<void> }> {
  const database = openSqlite(':memory:');
  await database.migrate();
  const open: OpenStore = async (now) => {
    await database.write(async (db) => {
      for (const table of ['jobs', 'job_events', 'assets', 'asset_uses', 'idempotency_keys'] as const)
        await db.deleteFrom(table).execute();
    });
    const undispatched = (): Promise<number> =>
      database.read(async (db) => {
        const rows = await db.selectFrom('jobs').select('id').where('dispatched', '=', 0).execute();
        return rows.length;
      });
    return Object.assign(new SqlJobStore(database, now), { undispatched });
  };
  return { open, close: () => database.close() };
}
