import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

/** Looks into the gateway's database past the gateway, so that looking costs it nothing. */
export interface JobCounts {
  /** Jobs whose success is recorded. */
  succeeded(): Promise<number>;
  /** Jobs that are stored, and not known to the broker. */
  unsent(): Promise<number>;
  close(): Promise<void>;
}

const hourMs = 3_600_000;
// Counted with each change of a job, in its transaction: a few rows, where counting the jobs would read them all.
const succeeded = (type: string): string =>
  `select coalesce(sum(count), 0) as n from statistics where measure = 'succeeded' and type = '${type}' and step_ms = ${hourMs}`;
const unsent = 'select count(*) as n from jobs where dispatched = 0';

export async function openJobCounts(url: string, type: string): Promise<JobCounts> {
  return url.startsWith('sqlite:') ? inSqlite(url.slice('sqlite:'.length), type) : inPostgres(url, type);
}

function inSqlite(path: string, type: string): JobCounts {
  const database = new DatabaseSync(path, { readOnly: true });
  const [ended, waiting] = [database.prepare(succeeded(type)), database.prepare(unsent)];
  return {
    succeeded: async () => Number(ended.get()?.n),
    unsent: async () => Number(waiting.get()?.n),
    close: async () => database.close(),
  };
}

async function inPostgres(connectionString: string, type: string): Promise<JobCounts> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const count = async (sql: string): Promise<number> => {
    const { rows } = await client.query<{ readonly n: string }>(sql);
    return Number(rows[0]?.n);
  };
  return {
    succeeded: () => count(succeeded(type)),
    unsent: () => count(unsent),
    close: () => client.end(),
  };
}
