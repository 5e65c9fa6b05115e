import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { Api, type Job } from '../support/api.js';
import { smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import type { HeavyliftProcess } from '../support/process.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 240_000;
const restarts = 5;
const everyMs = 200;
/** Where the machine is slow, the jobs wait for it, which is not what is asked here. */
const mostWaiting = 4;
const drainSeconds = 30;

type Started = HeavyliftProcess & { readonly url: string };

describe.each(chosenBrokers.filter((broker) => broker !== 'embedded'))('rolling restarts on %s', (broker) => {
  let system: System;
  let payload: object;
  const workers: Started[] = [];
  const env = { CONCURRENCY: '1', DRAIN_TIMEOUT_SECONDS: String(drainSeconds) };

  async function begin(): Promise<Started> {
    const worker = await system.restart('image-worker');
    const isReady = async (): Promise<boolean> =>
      (await new Api(worker.url).get('/health/ready')).status === 200;
    await waitUntil('the worker is ready', isReady, { timeoutMs: 60_000 });
    return worker;
  }

  beforeAll(async () => {
    system = await startSystem(broker, env, ['gateway', 'image-worker']);
    workers.push(system.processes['image-worker']!, await begin());
    const { body } = await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture(800, 600));
    payload = { source: body.id, variants: [{ name: 'small', width: 64, format: 'jpeg' }] };
  }, limitMs);
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await system?.stop();
  }, limitMs);

  /** One job after the other, never more than a few ahead of the workers, until it is stopped; the ids of those that were accepted. */
  function postSteadily(): () => Promise<string[]> {
    const ids: string[] = [];
    let posting = true;
    const done = (async () => {
      while (posting) {
        ids.push((await system.api.post<Job>('/v1/jobs', { type: 'image.resize', payload })).body.id);
        do await pause(everyMs);
        while (posting && (await system.api.count('queued')) >= mostWaiting);
      }
    })();
    return async () => {
      posting = false;
      await done;
      return ids;
    };
  }

  it(
    `of two workers, ${restarts} times under load, lose nothing, burn no attempt, and hold up no job`,
    async () => {
      const stopPosting = postSteadily();
      for (let round = 0; round < restarts; round++)
        for (const [n, worker] of workers.entries()) {
          expect(await worker.stop()).toBe(0);
          workers[n] = await begin();
        }
      const ids = await stopPosting();
      expect(ids.length).toBeGreaterThan(restarts);
      const outcomes = await outcomesOf(system.api, ids);
      expect(tally(outcomes)).toEqual(allSucceededOnce(ids.length));
      expect(outcomes.filter(({ job }) => job.attempt !== 1)).toEqual([]);
      const delays = outcomes.map(({ job }) => Date.parse(job.finishedAt!) - Date.parse(job.createdAt));
      expect(Math.max(...delays)).toBeLessThan(drainSeconds * 1_000);
    },
    limitMs,
  );
});
