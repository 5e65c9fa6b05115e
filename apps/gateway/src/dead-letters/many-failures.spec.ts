import type { ResizeImagePayload } from '@heavylift/contracts';
import { UnrecoverableError } from '@heavylift/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import type { BulkAnswer } from '../jobs/bulk-jobs.js';
import type { EventView, JobView } from '../jobs/job-view.js';
import { databases, type EmptyDatabase } from '../store/databases.fixtures.js';
import { type AuditEntry, type JobStore, openJobStore } from '../store/index.js';
import { type EmbeddedWorker, startEmbeddedWorker } from '../workers/embedded-worker.fixtures.js';
import type { AttemptView } from './attempts-view.js';
import type { Redriven } from './dead-letters.service.js';

const limitMs = 180_000;
const patience = 90_000;
const type = 'image.resize';
const mended = 'https://new.example/all.png';

interface Cause {
  readonly cause: string;
  readonly title: string;
  readonly jobs: number;
}

/** Fails for one of three causes, by where the picture is; and for a fourth, which shows only when it can be read. */
async function work({ source, variants }: ResizeImagePayload): Promise<object> {
  if (source.includes('//old.')) throw new UnrecoverableError('source.gone', `cannot find ${source}`);
  if (source.includes('//locked.')) throw new UnrecoverableError('source.locked', `${source} asks for a key`);
  if (source.includes('//huge.'))
    throw new UnrecoverableError('picture.huge', `${source} has 9999 megapixels`);
  if (variants[0]!.name === 'stubborn')
    throw new UnrecoverableError('picture.broken', 'the picture is broken');
  return {};
}

function jobsAt(host: string, count: number): object[] {
  return Array.from({ length: count }, (_, i) => ({
    type,
    payload: {
      source: `https://${host}.example/${i}.png`,
      variants: [{ name: i % 10 === 3 ? 'stubborn' : 'small', width: 10, format: 'png' }],
    },
  }));
}

describe.each(Object.entries(databases))('five hundred failures on %s', (_, makeDatabase) => {
  let database: EmptyDatabase;
  let gateway: TestGateway;
  let store: JobStore;
  let worker: EmbeddedWorker;
  let old: Cause;
  beforeAll(async () => {
    database = await makeDatabase();
    gateway = await openGateway({ database: database.url });
    store = await openJobStore(database.url);
    worker = await startEmbeddedWorker({ concurrency: 10, run: work });
  }, limitMs);
  afterAll(async () => {
    await worker?.stop();
    await store?.close();
    await gateway?.close();
    await database?.remove();
  }, limitMs);

  const groups = async (): Promise<readonly Cause[]> =>
    (await gateway.get<{ items: Cause[] }>('/v1/dead-letters')).body.items;
  const shown = async (): Promise<(string | number)[][]> =>
    (await groups()).map(({ title, jobs }) => [title, jobs]);
  const redrive = async (request: object): Promise<Redriven> =>
    (await gateway.post<Redriven>('/v1/dead-letters/redrive', { cause: old.cause, ...request })).body;
  const bulk = async (what: 'cancel' | 'retry', body: object): Promise<BulkAnswer> =>
    (await gateway.post<BulkAnswer>(`/v1/jobs/${what}`, body)).body;
  const startsOf = async (id: string): Promise<readonly number[]> =>
    (await store.history(id)).filter(({ kind }) => kind === 'started').map(({ at }) => Date.parse(at));

  it(
    'of three causes are three groups',
    async () => {
      const jobs = [...jobsAt('old', 200), ...jobsAt('locked', 180), ...jobsAt('huge', 120)];
      expect((await gateway.post('/v1/jobs/batch', { jobs })).status).toBe(202);
      await until('all have failed', async () => (await store.counts()).failed === 500, patience);
      expect(await shown()).toEqual([
        ['cannot find <url>', 200],
        ['<url> asks for a key', 180],
        ['<url> has <n> megapixels', 120],
      ]);
      old = (await groups())[0]!;
    },
    limitMs,
  );

  it('are not touched by a patch that no contract allows', async () => {
    const before = await store.list({ cause: old.cause, limit: 500 });
    const answer = await redrive({ patch: { source: 7 }, perSecond: 10 });
    expect(answer).toMatchObject({ redriven: 0, refusedInAll: 200, lastAt: null });
    expect(answer.refused[0]!.errors[0]!.path).toBe('payload.source');
    expect(await store.list({ cause: old.cause, limit: 500 })).toEqual(before);
  });

  it(
    'are mended in one field and let go ten a second, and those that fail again keep what was before',
    async () => {
      const ids = (await store.list({ cause: old.cause, limit: 500 })).map(({ id }) => id);
      const asked = Date.now();
      const answer = await redrive({ patch: { source: mended }, perSecond: 10 });
      expect(answer).toMatchObject({ redriven: 200, refusedInAll: 0 });
      const planned = await store.list({ ids, limit: 500 });
      expect(new Set(planned.map(({ payload }) => (payload as ResizeImagePayload).source))).toEqual(
        new Set([mended]),
      );
      const due = new Map(planned.map(({ id, dueAt }) => [id, Date.parse(dueAt!)]));
      const times = [...due.values()].toSorted((a, b) => a - b);
      expect(times[0]).toBeGreaterThanOrEqual(asked);
      expect(times.at(-1)).toBe(Date.parse(answer.lastAt!));
      for (let i = 10; i < times.length; i++) expect(times[i]! - times[i - 10]!).toBeGreaterThanOrEqual(999);

      // The first three seconds of the twenty are waited for; none starts before its time.
      const first = [...due.keys()].toSorted((a, b) => due.get(a)! - due.get(b)!).slice(0, 30);
      const ranAgain = async (): Promise<boolean> =>
        (await Promise.all(first.map(startsOf))).every((starts) => starts.length === 2);
      await until('the first thirty have run again', ranAgain, patience);
      for (const id of first) expect((await startsOf(id))[1]).toBeGreaterThanOrEqual(due.get(id)!);

      // The rest is taken back and then let go at once, also by a filter.
      const taken = await bulk('cancel', { type, status: 'queued' });
      expect(await bulk('retry', { type, status: 'cancelled' })).toEqual({
        matched: taken.done,
        done: taken.done,
      });
      await until('all have ended', async () => (await store.counts()).succeeded === 180, patience);
      await until('those that failed again are told', async () => (await groups()).length === 3, patience);
      expect(await shown()).toEqual([
        ['<url> asks for a key', 180],
        ['<url> has <n> megapixels', 120],
        ['the picture is broken', 20],
      ]);
    },
    limitMs,
  );

  it('that failed again keep their history of before', async () => {
    const again = (await groups()).find(({ title }) => title === 'the picture is broken')!;
    const { items } = (await gateway.get<{ items: JobView[] }>(`/v1/jobs?cause=${again.cause}&limit=100`))
      .body;
    expect(items).toHaveLength(20);
    for (const { id } of items) {
      const { attempts } = (await gateway.get<{ attempts: AttemptView[] }>(`/v1/dead-letters/${id}`)).body;
      expect([attempts[0]!.error!.code, attempts.at(-1)!.error!.code]).toEqual([
        'source.gone',
        'picture.broken',
      ]);
      const history = (await gateway.get<{ items: EventView[] }>(`/v1/jobs/${id}/history`)).body.items;
      const kinds = history.map(({ kind }) => kind).filter((kind) => kind !== 'cancelled');
      expect(kinds.slice(0, 4)).toEqual(['queued', 'started', 'failed', 'redriven']);
      expect(kinds.slice(-2)).toEqual(['started', 'failed']);
    }
  });

  it('are in the audit trail, one entry for each thing that was done', async () => {
    const { items } = (await gateway.get<{ items: AuditEntry[] }>('/v1/audit')).body;
    expect(items.map(({ action, target, detail }) => [action, target, detail])).toEqual([
      ['jobs.retry', 'jobs', expect.objectContaining({ type, status: 'cancelled' })],
      ['jobs.cancel', 'jobs', expect.objectContaining({ type, status: 'queued' })],
      [
        'dead-letters.redrive',
        old.cause,
        { cause: old.cause, patched: ['source'], perSecond: 10, redriven: 200, refused: 0 },
      ],
      [
        'dead-letters.redrive',
        old.cause,
        { cause: old.cause, patched: ['source'], perSecond: 10, redriven: 0, refused: 200 },
      ],
    ]);
  });
});
