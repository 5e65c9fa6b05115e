import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitUntil } from '@heavylift/test-servers';
import { Api, type Job } from '../support/api.js';
import { smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { HeavyliftProcess } from '../support/process.js';
import {
  type Broker,
  chosenBrokers,
  type OwnBroker,
  ownBroker,
  ownFolder,
  settingsOf,
} from '../support/system.js';

const limitMs = 180_000;
const jobs = 50;

const shared = chosenBrokers.filter((broker) => broker !== 'embedded');
const swaps = shared.flatMap((from) => shared.filter((to) => to !== from).map((to) => [from, to] as const));
const [first] = shared;
// With one broker chosen, another one of its kind is still another broker.
const cases: readonly (readonly [Broker, Broker])[] =
  swaps.length > 0 ? swaps : [[first ?? 'nats', first ?? 'nats']];

describe.each(cases)('a gateway that moves from %s to %s', (from, to) => {
  let folder: string;
  let left: OwnBroker;
  let joined: OwnBroker;
  const running: HeavyliftProcess[] = [];

  beforeAll(async () => {
    folder = await ownFolder();
    left = await ownBroker(from);
    joined = await ownBroker(to);
  }, limitMs);
  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await left?.stop();
    await joined?.stop();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  async function start(app: string, brokerUrl: string): Promise<HeavyliftProcess & { readonly url: string }> {
    const started = await HeavyliftProcess.start(app, settingsOf({ folder, brokerUrl }));
    running.push(started);
    return started;
  }

  it(
    'takes its waiting jobs along, and workers there do them all, once',
    async () => {
      const before = await start('gateway', left.url);
      const api = new Api(before.url);
      const { body: asset } = await api.postFile<{ id: string }>('/v1/assets', await smallPicture());
      const payload = { source: asset.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
      const batch = { jobs: Array.from({ length: jobs }, () => ({ type: 'image.resize', payload })) };
      const { body } = await api.post<{ items: Job[] }>('/v1/jobs/batch', batch);
      await waitUntil('jobs on the first broker', async () => (await left.waiting()) >= jobs, {
        timeoutMs: 60_000,
      });
      expect(await before.stop()).toBe(0);
      api.url = (await start('gateway', joined.url)).url;
      await start('image-worker', joined.url);
      await api.allFinished(limitMs);
      expect(
        tally(
          await outcomesOf(
            api,
            body.items.map((job) => job.id),
          ),
        ),
      ).toEqual(allSucceededOnce(jobs));
    },
    limitMs,
  );
});
