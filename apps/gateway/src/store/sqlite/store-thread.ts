import { parentPort } from 'node:worker_threads';
import { tidyHeap } from '@heavylift/nestjs/tidy-heap';
import type { JobStore } from '../job-store.js';
import { openSqlStore } from '../open-sql-store.js';
import { Calls, type Message } from './calls.js';

/*
 * The thread of a store: it is asked to `open` a database first, then for the methods of the store in it, `get` like `control.tally`.
 */

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

const port = parentPort!;
let store: JobStore;

async function open(databaseUrl: string): Promise<void> {
  store = await openSqlStore(databaseUrl, Date.now);
  tidyHeap();
}

const calls = new Calls(port, async (name, args) => {
  if (name === 'open') return open(args[0] as string);
  const [method, part] = name.split('.').toReversed();
  const owner: unknown = part === 'control' ? store.control : store;
  return (owner as Methods)[method!]!(...args);
});
port.on('message', (message: Message) => calls.take(message));
