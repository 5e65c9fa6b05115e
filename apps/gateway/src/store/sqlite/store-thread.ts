import { parentPort } from 'node:worker_threads';
import type { JobStore } from '../job-store.js';
import { openSqlStore } from '../open-sql-store.js';
import { Calls } from './calls.js';
import { openSqlite, sqliteName } from './open-sqlite.js';

/*
 * The thread of a store: first it is asked to `open` a file, then for the methods of the store on it, `get` like `control.tally`.
 */

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

const port = parentPort!;
let store: JobStore;

async function open(path: string): Promise<void> {
  store = await openSqlStore(sqliteName(path), () => openSqlite(path), Date.now);
}

const calls = new Calls(port, async (name, args) => {
  if (name === 'open') return open(args[0] as string);
  const [method, part] = name.split('.').toReversed();
  const owner: unknown = part === 'control' ? store.control : store;
  return (owner as Methods)[method!]!(...args);
});
port.on('message', (message) => calls.take(message));
