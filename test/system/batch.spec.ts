import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { waitUntil } from '@heavylift/test-servers';
import type { Job } from '../support/api.js';
import { heldShort } from '../support/breakable-system.js';
import { smallPicture } from '../support/media.js';
import { MemoryWatch } from '../support/memory-watch.js';
import { allSucceededOnce, outcomesOf, tally, type Outcome } from '../support/outcomes.js';
import { chosenBrokers, startSystem, type System } from '../support/system.js';

const limitMs = 300_000;
const jobs = 1_000;
/** What one batch may add once another one has warmed the processes up: 24 kB a job. */
const growthMiB = 24;

interface ImageResult {
  readonly variants: readonly { readonly asset: string; readonly width: number; readonly height: number }[];
}

describe.each(chosenBrokers)('a batch of 1,000 jobs on %s', (broker) => {
  let system: System;
  let memory: MemoryWatch;
  let batch: unknown;
  let outcomes: Outcome[];

  beforeAll(async () => {
    system = await startSystem(broker, heldShort);
    const { body: asset } = await system.api.postFile<{ id: string }>('/v1/assets', await smallPicture());
    const payload = { source: asset.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
    batch = { jobs: Array.from({ length: jobs }, () => ({ type: 'image.resize', payload })) };
    memory = new MemoryWatch(system.processes);
  }, limitMs);
  afterAll(async () => {
    memory?.stop();
    await system?.stop();
  }, limitMs);

  async function runBatch(): Promise<string[]> {
    const started = Date.now();
    const { status, body } = await system.api.post<{ items: Job[] }>('/v1/jobs/batch', batch);
    expect(status).toBe(202);
    await system.api.allFinished(limitMs);
    console.info(`${broker}: ${Math.round((jobs * 1_000) / (Date.now() - started))} jobs/s`);
    return body.items.map((job) => job.id);
  }

  it(
    'every one succeeds, once, at its first attempt',
    async () => {
      const ids = await runBatch();
      outcomes = await outcomesOf(system.api, ids);
      expect(new Set(ids).size).toBe(jobs);
      expect(tally(outcomes)).toEqual(allSucceededOnce(jobs));
      expect(outcomes.filter(({ job }) => job.attempt !== 1)).toEqual([]);
    },
    limitMs,
  );

  it('the results are pictures', async () => {
    for (const { job } of [outcomes[0]!, outcomes[jobs / 2]!, outcomes.at(-1)!]) {
      const [variant] = (job.result as ImageResult).variants;
      const { body } = await system.api.bytes(`/v1/assets/${variant!.asset}/content`);
      expect(await sharp(body).metadata()).toMatchObject({ format: 'jpeg', width: 64, height: 48 });
    }
  });

  it('the broker holds nothing afterwards', async () => {
    await waitUntil('an empty broker', async () => (await system.waiting()) === 0, { timeoutMs: 60_000 });
  }, 30_000);

  it(
    'no process keeps memory for jobs that are done',
    async () => {
      const medians = [await memory.during(async () => void (await runBatch()))];
      let grown = Object.keys(medians[0]!);
      // What is kept of each job grows with every batch; what a process takes for itself, with one or two.
      while (grown.length > 0 && medians.length < 5) {
        const before = medians.at(-1)!;
        medians.push(await memory.during(async () => void (await runBatch())));
        grown = grown.filter((app) => medians.at(-1)![app]! > before[app]! + growthMiB);
      }
      console.info(`${broker}: MiB of each process and its children`, medians);
      expect(grown).toEqual([]);
    },
    2 * limitMs,
  );
});
