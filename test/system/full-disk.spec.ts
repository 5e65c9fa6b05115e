import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import type { Answer, Job } from '../support/api.js';
import { phonePhoto, smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { type SmallDisk, smallDisk } from '../support/small-disk.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 180_000;
const finishMs = 90_000;
const batch = 50;

interface Problem {
  readonly code: string;
  readonly detail: string;
}

describe.each(chosenBrokers)('a full disk, with %s', (broker) => {
  let system: System;
  let database: SmallDisk;
  let files: SmallDisk;
  let job: { readonly type: string; readonly payload: { readonly source: string } };
  const accepted: string[] = [];

  beforeAll(async () => {
    [database, files] = [await smallDisk(32), await smallDisk(32)];
    system = await startSystem(broker, {
      DATABASE_URL: `sqlite:${database.folder}/heavylift.db`,
      STORAGE_URL: `file:${files.folder}/files`,
    });
    const { body } = await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture());
    const variants = [{ name: 'tiny', width: 16, format: 'jpeg' }];
    job = { type: 'image.resize', payload: { source: body.id, variants } as { source: string } };
  }, limitMs);
  afterAll(async () => {
    await system?.stop();
    await Promise.all([database?.remove(), files?.remove()]);
  }, limitMs);

  const front = (): number => Object.values(system.processes)[0]!.pid;

  async function postBatch(): Promise<number> {
    const jobs = Array.from({ length: batch }, () => job);
    const { status, body } = await system.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs });
    if (status === 202) accepted.push(...body.items.map(({ id }) => id));
    return status;
  }

  async function postOne(): Promise<Answer<Job & Problem>> {
    const answer = await system.api.post<Job & Problem>('/v1/jobs', job);
    if (answer.status === 202) accepted.push(answer.body.id);
    return answer;
  }

  function expectProblem(answer: Answer, status: number, code: string): void {
    expect([answer.status, (answer.body as Problem).code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect((answer.body as Problem).detail).not.toContain(database.folder);
  }

  async function expectAllSucceededOnce(): Promise<void> {
    await system.api.allFinished(finishMs);
    expect(tally(await outcomesOf(system.api, accepted))).toEqual(allSucceededOnce(accepted.length));
  }

  async function expectReadable(): Promise<void> {
    expect((await system.api.get<Job>(`/v1/jobs/${accepted[0]}`)).status).toBe(200);
    const content = await system.api.bytes(`/v1/assets/${job.payload.source}/content`);
    expect(content.body).toEqual(await readFile(await smallPicture()));
  }

  async function failedOnce(id: string): Promise<boolean> {
    const { body } = await system.api.get<{ items: { kind: string }[] }>(`/v1/jobs/${id}/history`);
    return body.items.some(({ kind }) => kind === 'retrying');
  }

  it(
    'under the job store: jobs are refused with 503, whole or not at all, and what was accepted before is done once there is room',
    async () => {
      const patience = { timeoutMs: finishMs, everyMs: 1 };
      expect(await postBatch()).toBe(202);
      // In one process with the gateway, runs may meet its limits too.
      if (broker === 'embedded') await system.api.allFinished(finishMs);
      await database.fill(front());
      await waitUntil('a batch refused', async () => (await postBatch()) === 503, patience);
      let refused!: Answer;
      await waitUntil('a job refused', async () => (refused = await postOne()).status === 503, patience);
      expectProblem(refused, 503, 'store.unavailable');
      expect(refused.headers.get('retry-after')).toBe('5');
      await expectReadable();
      expect(await system.api.idsOf()).toEqual(new Set(accepted));
      await database.makeRoom(front());
      await waitUntil('taken again', async () => (await postOne()).status === 202, { timeoutMs: 60_000 });
      await expectAllSucceededOnce();
      expect(await system.api.idsOf()).toEqual(new Set(accepted));
    },
    limitMs,
  );

  it(
    'under the files: uploads are refused with 507, nothing of them is left, and they are taken again once there is room',
    async () => {
      const stored = await storedFiles(files);
      const photo = await phonePhoto(2_000, 1_500);
      await files.fill(front());
      expectProblem(await system.api.postFile('/v1/assets', photo), 507, 'storage.full');
      const variants = JSON.stringify([{ name: 'tiny', width: 16, format: 'jpeg' }]);
      expectProblem(await system.api.postFile('/v1/images', photo, { variants }), 507, 'storage.full');
      expect(await storedFiles(files)).toEqual(stored);
      await expectReadable();
      // Its result finds no room at first. Where the database is full as well, it is refused.
      const { status, body } = await postOne();
      if (status === 202) await waitUntil('a failure', () => failedOnce(body.id), { timeoutMs: 60_000 });
      await files.makeRoom(front());
      expect((await system.api.postFile('/v1/assets', photo)).status).toBe(201);
      await expectAllSucceededOnce();
      expect(await system.api.idsOf()).toEqual(new Set(accepted));
    },
    limitMs,
  );
});

/** Finished or not. */
async function storedFiles({ folder }: SmallDisk): Promise<readonly string[]> {
  const entries = await readdir(join(folder, 'files'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
