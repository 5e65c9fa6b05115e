import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { presence } from '../workers/presence.fixtures.js';
import type { ControlStore } from './control-store.js';
import type { EmptyDatabase } from './databases.fixtures.js';
import { event, newJob } from './job-store.fixtures.js';
import type { JobStore } from './job-store.js';
import { openJobStore } from './open-job-store.js';

/** The promises of the port, tried on one kind of database. */
export function describeControlStore(name: string, emptyDatabase: () => Promise<EmptyDatabase>): void {
  describe(`the control store on ${name}`, () => {
    let database: EmptyDatabase;
    let store: JobStore;
    let control: ControlStore;

    beforeAll(async () => {
      database = await emptyDatabase();
      store = await openJobStore(database.url);
      control = store.control;
    });
    afterAll(async () => {
      await store.close();
      await database.remove();
    });

    it('keeps the latest word of each worker, whatever comes late', async () => {
      const [one, two] = [presence(), presence({ name: 'image-worker@here:2' })];
      await control.saveWorkers([
        { presence: one, seenAt: 1 },
        { presence: two, seenAt: 2 },
      ]);
      const later = presence({ at: '2030-01-01T00:00:10.000Z', state: 'drained', order: 'o' });
      await control.saveWorkers([{ presence: later, seenAt: 3 }]);
      await control.saveWorkers([{ presence: one, seenAt: 9 }]);
      const known = (await control.workers()).toSorted((a, b) => a.seenAt - b.seenAt);
      expect(known).toEqual([
        { presence: two, seenAt: 2 },
        { presence: later, seenAt: 3 },
      ]);
      expect(await control.forgetWorkers(3)).toBe(1);
      expect(await control.workers()).toHaveLength(1);
    });

    it('keeps what is ordered of a queue, each thing by itself', async () => {
      expect(await control.queueSettings()).toEqual([]);
      const name = 'video.transcode';
      const rated = await control.changeQueue(name, { perMinute: 1.5 });
      expect(rated).toEqual({ name, paused: false, perMinute: 1.5 });
      const paused = await control.changeQueue(name, { paused: true });
      expect(paused).toEqual({ name, paused: true, perMinute: 1.5 });
      await control.changeQueue(name, { perMinute: null });
      await control.changeQueue('image.resize', { paused: false });
      expect(await control.queueSettings()).toEqual([
        { name: 'image.resize', paused: false, perMinute: null },
        { name, paused: true, perMinute: null },
      ]);
    });

    it('counts the jobs of a type, and knows how long the first waits', async () => {
      const type = 'test.tally';
      const at = (second: number): string => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
      const jobs = (['normal', 'low', 'low', 'high', 'normal'] as const).map((priority, i) =>
        newJob({ type, priority, createdAt: at(10 - i) }),
      );
      const later = newJob({ type, createdAt: at(0), dueAt: '2999-01-01T00:00:00.000Z' });
      await store.accept([...jobs, later]);
      await store.project([event(jobs[4]!, { kind: 'started' })]);
      expect(await control.waiting(type)).toEqual({ high: 1, normal: 1, low: 2 });
      expect(await control.tally(type)).toEqual({ running: 1, oldestAt: at(7) });
      expect(await control.waiting('test.none')).toEqual({ high: 0, normal: 0, low: 0 });
      expect(await control.tally('test.none')).toEqual({ running: 0 });
    });

    it('knows the place of a job in its lane, and how many go before it', async () => {
      const type = 'test.place';
      const [first, second, low, high] = (['normal', 'normal', 'low', 'high'] as const).map((priority, i) =>
        newJob({ type, priority, createdAt: new Date(1_000 + i).toISOString() }),
      );
      await store.accept([first!, second!, low!, high!]);
      expect(await control.place(second!.id)).toEqual({ dispatched: false, position: 2, ahead: 2 });
      expect(await control.place(low!.id)).toMatchObject({ position: 1, ahead: 3 });
      expect(await control.place(high!.id)).toMatchObject({ position: 1, ahead: 0 });
      await store.takeUndispatched('keeper', 100, 1_000);
      await store.markDispatched([second!.id], 'keeper');
      await store.project([event(first!, { kind: 'started' })]);
      expect(await control.place(second!.id)).toEqual({ dispatched: true, position: 1, ahead: 1 });
      expect(await control.place(first!.id)).toBeUndefined();
      expect(await control.place(uuidv7())).toBeUndefined();
    });

    it('keeps who did what, the newest first', async () => {
      const entries = Array.from({ length: 5 }, (_, i) => ({
        id: uuidv7(),
        at: new Date(Date.UTC(2030, 0, 1 + i)).toISOString(),
        who: 'ops',
        action: 'queue.pause',
        target: `queue ${i}`,
        detail: { n: i },
      }));
      for (const entry of [...entries, entries[0]!]) await control.addAudit(entry);
      const page = await control.audit({ limit: 3 });
      expect(page).toEqual(entries.toReversed().slice(0, 3));
      expect(await control.audit({ before: page[2]!.id, limit: 10 })).toEqual(entries.toReversed().slice(3));
      expect(await control.forgetAudit(entries[4]!.at)).toBe(4);
    });

    it('does not record a cancel that came too late to cancel anything', async () => {
      const job = newJob();
      await store.accept([job]);
      await store.project([event(job, { kind: 'started' })]);
      const { run: _run, ...late } = event(job, { kind: 'cancelled', attempt: 0 });
      expect(await store.project([late])).toMatchObject({ changed: [] });
      expect((await store.history(job.id)).map(({ kind }) => kind)).toEqual(['queued', 'started']);
    });
  });
}
