import type { JobEvent } from '@heavylift/core';
import type { JobStore } from '../../apps/gateway/src/store/job-store.js';
import { StoreUnavailableError } from '../../apps/gateway/src/store/store-unavailable-error.js';
import type { Server } from './call.js';
import type { CallPoint } from './fault-plan.js';
import type { SimProcess } from './sim-process.js';
import type { SimStore } from './sim-store.js';
import type { World } from './world.js';

/** The database behind the wire: it may be away, and a commit may be unclear. */
export class StoreServer implements Server {
  readonly patienceMs = 3_000;
  readonly era = 1;
  readonly blockedUntil = 0;
  up = true;
  readonly store: SimStore;

  constructor(store: SimStore) {
    this.store = store;
  }

  failure(why: string): Error {
    return new StoreUnavailableError('simulated', { cause: new Error(why) });
  }
}

export type LinkedStore = Pick<
  JobStore,
  | 'accept'
  | 'project'
  | 'addLogs'
  | 'get'
  | 'list'
  | 'takeUndispatched'
  | 'nextDue'
  | 'markDispatched'
  | 'releaseUndispatched'
  | 'adopt'
  | 'sendAgain'
>;

/** The store as one process reaches it. */
export function linkStore(world: World, server: StoreServer, process: SimProcess): LinkedStore {
  const { store } = server;
  const call = <T>(point: CallPoint, execute: () => Promise<T>): Promise<T> =>
    world.call(process, point, server, execute);
  return {
    accept: (jobs, keys, hold) => call('accept', () => store.accept(jobs, keys, hold)),
    project: (events) => call('project', () => projectWatched(world, store, events)),
    // Handlers write nothing here.
    addLogs: async () => {},
    get: (id) => call('look', () => store.get(id)),
    list: (filter) => call('look', () => store.list(filter)),
    takeUndispatched: (keeper, limit, leaseMs) =>
      call('take', () => store.takeUndispatched(keeper, limit, leaseMs)),
    nextDue: (after) => call('look', () => store.nextDue(after)),
    markDispatched: async (ids, keeper) => {
      if (ids.length > 0) await call('mark', () => store.markDispatched(ids, keeper));
    },
    releaseUndispatched: async (ids, pauseMs) => {
      if (ids.length > 0) await call('release', () => store.releaseUndispatched(ids, pauseMs));
    },
    sendAgain: (ids) => call('adopt', () => store.sendAgain(ids)),
    adopt: (keeper) => call('adopt', () => store.adopt(keeper)),
  };
}

async function projectWatched(world: World, store: SimStore, events: readonly JobEvent[]) {
  for (const event of events)
    world.note(
      `store records ${event.kind} ${event.jobId} ${event.attempt}.${event.release} ${event.run ?? ''}`,
    );
  const projected = await store.project(events);
  for (const id of projected.changed) world.ledger.observed(id, (await store.get(id))!);
  return projected;
}
