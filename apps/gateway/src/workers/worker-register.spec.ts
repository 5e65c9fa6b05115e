import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EmptyDatabase, emptySqlite } from '../store/databases.fixtures.js';
import { type JobStore, openJobStore } from '../store/index.js';
import { presence } from './presence.fixtures.js';
import { isTaking, WorkerRegister } from './worker-register.js';

const logger = { info: () => {}, warn: () => {}, error: () => {} };

describe('the register of workers', () => {
  let database: EmptyDatabase;
  let store: JobStore;
  let now = 0;
  let changes = 0;
  let register: WorkerRegister;

  const open = (): WorkerRegister =>
    new WorkerRegister({ store: store.control, logger, now: () => now, onFleetChange: () => changes++ });
  const statuses = async (of = register): Promise<string[]> => (await of.all()).map(({ status }) => status);

  beforeEach(async () => {
    [now, changes] = [Date.UTC(2030, 0, 1), 0];
    database = await emptySqlite();
    store = await openJobStore(database.url);
    register = open();
  });
  afterEach(async () => {
    await register.close();
    await store.close();
    await database.remove();
  });

  it('takes one for lost that is silent for 25 seconds, and shows it for a day', async () => {
    register.hear(presence());
    now += 25_000;
    expect(await statuses()).toEqual(['running']);
    now += 1;
    expect(await statuses()).toEqual(['lost']);
    now += 23 * 3_600_000;
    expect(await statuses()).toEqual(['lost']);
    now += 3_600_000;
    expect(await statuses()).toEqual([]);
  });

  it('expects nothing more of one that missed two words, until it speaks again', async () => {
    const taking = async (): Promise<boolean[]> => (await register.all()).map(isTaking);
    register.hear(presence());
    now += 12_000;
    expect(await taking()).toEqual([true]);
    now += 1;
    expect(await taking()).toEqual([false]);
    register.hear(presence());
    expect(await taking()).toEqual([true]);
    register.hear(presence({ state: 'drained' }));
    expect(await taking()).toEqual([false]);
  });

  it('shows one that said goodbye for an hour', async () => {
    register.hear(presence({ state: 'stopped' }));
    now += 3_599_000;
    expect(await statuses()).toEqual(['stopped']);
    now += 1_000;
    expect(await statuses()).toEqual([]);
  });

  it('knows after a restart who was there, and takes nobody for lost before it had time to hear them', async () => {
    register.hear(presence({ state: 'drained' }));
    await register.close();
    now += 3_600_000;
    const next = open();
    expect(await statuses(next)).toEqual(['drained']);
    now += 12_001;
    expect(await statuses(next)).toEqual(['lost']);
    next.hear(presence({ at: new Date(now).toISOString() }));
    expect(await statuses(next)).toEqual(['running']);
    await next.close();
  });

  it('believes whoever heard a worker last', async () => {
    register.hear(presence({ at: '2030-01-01T00:00:00.000Z' }));
    const other = open();
    other.hear(presence({ at: '2030-01-01T00:00:05.000Z', state: 'draining' }));
    await other.close();
    expect(await statuses()).toEqual(['draining']);
  });

  it('tells when a worker comes, or takes jobs no longer', () => {
    register.hear(presence());
    register.hear(presence());
    expect(changes).toBe(1);
    register.hear(presence({ state: 'draining' }));
    expect(changes).toBe(2);
  });

  it('hears that an order is followed, and for how long to wait for it', async () => {
    const follows = register.follows(presence().name, 'order-1', 10_000);
    register.hear(presence({ order: 'order-0' }));
    register.hear(presence({ name: 'another', order: 'order-1' }));
    register.hear(presence({ order: 'order-1' }));
    expect(await follows).toBe(true);
    expect(await register.follows(presence().name, 'order-2', 20)).toBe(false);
  });

  it('forgets those that are gone for long', async () => {
    register.hear(presence());
    await register.close();
    now += 25 * 3_600_000;
    expect(await register.forget()).toBe(1);
    expect(await store.control.workers()).toEqual([]);
  });
});
