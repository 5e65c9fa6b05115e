import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import type { Job } from '../support/api.js';
import { phoneClip, phonePhoto, smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { isAlive } from '../support/process-facts.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 180_000;
const jobs = 100;
const clients = 8;
const postsEach = 40;

type Submission = { readonly type: string; readonly payload: unknown };

describe.each(chosenBrokers)('a crash on %s', (broker) => {
  let system: System;
  let slow: Submission[];
  let quick: Submission;

  beforeAll(async () => {
    system = await startSystem(broker);
    const assetOf = async (file: string): Promise<string> =>
      (await system.api.postFile<{ id: string }>('/v1/assets', file)).body.id;
    const resize = (source: string): Submission => ({
      type: 'image.resize',
      payload: { source, variants: [{ name: 'small', width: 64, format: 'jpeg' }] },
    });
    const pictures = resize(await assetOf(await phonePhoto(2_000, 1_500)));
    const clip = await assetOf(await phoneClip());
    const films = { type: 'video.transcode', payload: { source: clip, format: 'mp4', height: 240 } };
    slow = [films, films, ...Array.from({ length: jobs - 2 }, () => pictures)];
    quick = resize(await assetOf(await smallPicture()));
  }, limitMs);
  afterAll(() => system?.stop(), limitMs);

  /** By `kill -9`, in the middle of 100 jobs: the others wait. What the process had started has to end with it. */
  async function crashUnderWay(...apps: readonly string[]): Promise<string[]> {
    const { body } = await system.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs: slow });
    const underWay = async (): Promise<boolean> => (await system.api.count('running')) >= 2;
    await waitUntil('jobs that run', underWay, { timeoutMs: 60_000 });
    await waitUntil('a child process', async () => childrenOf(apps).length > 0, { timeoutMs: 60_000 });
    const children = childrenOf(apps);
    await Promise.all(apps.map((app) => system.processes[app]!.kill()));
    await waitUntil('no orphans', async () => !children.some(isAlive), { timeoutMs: 60_000 });
    return body.items.map((job) => job.id);
  }

  function childrenOf(apps: readonly string[]): number[] {
    return apps.flatMap((app) => system.processes[app]!.children);
  }

  async function expectAllSucceededOnce(ids: readonly string[]): Promise<void> {
    await system.api.allFinished(limitMs);
    expect(tally(await outcomesOf(system.api, ids))).toEqual(allSucceededOnce(ids.length));
  }

  const workers = broker === 'embedded' ? ['standalone'] : ['image-worker', 'video-worker'];
  const front = broker === 'embedded' ? 'standalone' : 'gateway';

  it(
    `of ${workers.join(' and ')} loses no job, and none is recorded twice`,
    async () => {
      const ids = await crashUnderWay(...workers);
      await Promise.all(workers.map((app) => system.restart(app)));
      await expectAllSucceededOnce(ids);
    },
    limitMs,
  );

  it(
    `of ${front} while jobs are posted loses none that was answered with 202`,
    async () => {
      const accepted: string[] = [];
      const post = async (): Promise<void> => {
        for (let i = 0; i < postsEach; i++) {
          const answer = await system.api.post('/v1/jobs', quick).catch(notAnswered);
          if (answer?.status === 202) accepted.push(answer.body.id);
        }
      };
      const posting = Promise.all(Array.from({ length: clients }, post));
      await waitUntil('some accepted', async () => accepted.length >= 50, { timeoutMs: 60_000, everyMs: 1 });
      await system.processes[front]!.kill();
      await posting;
      expect(accepted.length).toBeLessThan(clients * postsEach);
      await system.restart(front);
      await expectAllSucceededOnce(accepted);
    },
    limitMs,
  );
});

/** The connection broke, or there is nobody to connect to: what became of such a post its client cannot know. */
function notAnswered(error: unknown): undefined {
  if ((error as Error).message !== 'fetch failed') throw error;
}
