import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Api, type Job } from '../support/api.js';
import { phoneClip, phonePhoto, smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { HeavyliftProcess } from '../support/process.js';
import {
  chosenBrokers,
  type OwnBroker,
  ownBroker,
  ownFolder,
  ownPostgresDatabase,
  settingsOf,
} from '../support/system.js';

const limitMs = 240_000;
const jobs = 100;

// The database is what is tested: one broker that gateways can share is enough.
const broker = chosenBrokers.find((one) => one !== 'embedded') ?? 'nats';

describe(`two gateways on one PostgreSQL and one ${broker}`, () => {
  let folder: string;
  let own: OwnBroker;
  let database: Awaited<ReturnType<typeof ownPostgresDatabase>>;
  let processes: (HeavyliftProcess & { readonly url: string })[];
  let here: Api;
  let there: Api;

  beforeAll(async () => {
    folder = await ownFolder();
    own = await ownBroker(broker);
    database = await ownPostgresDatabase();
    const env = settingsOf({ folder, brokerUrl: own.url, env: { DATABASE_URL: database.url } });
    // All at once: both gateways find an empty database.
    processes = await Promise.all(
      ['gateway', 'gateway', 'video-worker', 'image-worker'].map((app) => HeavyliftProcess.start(app, env)),
    );
    here = new Api(processes[0]!.url);
    there = new Api(processes[1]!.url);
  }, limitMs);
  afterAll(async () => {
    await Promise.all((processes ?? []).map((one) => one.stop()));
    await own?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  it(
    'a clip posted to one is followed to its end on the other',
    async () => {
      const { status, body } = await here.postFile('/v1/videos', await phoneClip(), {
        format: 'mp4',
        height: '240',
      });
      expect(status).toBe(202);
      const { kinds } = await there.follow(body.id);
      expect(kinds.filter((kind) => kind !== 'progressed')).toEqual([
        'queued',
        'started',
        'succeeded',
        'end',
      ]);
      const { body: job } = await there.get<Job>(`/v1/jobs/${body.id}`);
      expect(job).toMatchObject({ status: 'succeeded', attempt: 1, result: { width: 136, height: 240 } });
      expect((await here.get<Job>(`/v1/jobs/${body.id}`)).body).toEqual(job);
    },
    limitMs,
  );

  it(
    'a photo posted to one is read on the other, and so is its result',
    async () => {
      const variants = JSON.stringify([{ name: 'small', width: 320, format: 'webp' }]);
      const { body } = await there.postFile('/v1/images', await phonePhoto(), { variants });
      const { result } = await here.finished(body.id, limitMs);
      const [variant] = (result as { variants: { asset: string }[] }).variants;
      const { headers } = await here.bytes(`/v1/assets/${variant!.asset}/content`);
      expect(headers.get('content-type')).toBe('image/webp');
    },
    limitMs,
  );

  it(
    'jobs posted to both at once all succeed, once',
    async () => {
      const { body: asset } = await here.postFile<{ id: string }>('/v1/assets', await smallPicture());
      const payload = { source: asset.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
      const post = (api: Api): Promise<{ body: Job }> =>
        api.post('/v1/jobs', { type: 'image.resize', payload });
      const posted = await Promise.all(Array.from({ length: jobs }, () => [post(here), post(there)]).flat());
      const ids = posted.map(({ body }) => body.id);
      await there.allFinished(limitMs);
      expect(tally(await outcomesOf(here, ids))).toEqual(allSucceededOnce(2 * jobs));
    },
    limitMs,
  );

  it(
    'jobs of a gateway that crashed are finished by the other',
    async () => {
      const { body: asset } = await here.postFile<{ id: string }>('/v1/assets', await smallPicture());
      const payload = { source: asset.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
      const batch = { jobs: Array.from({ length: jobs }, () => ({ type: 'image.resize', payload })) };
      const { body } = await here.post<{ items: Job[] }>('/v1/jobs/batch', batch);
      await processes[0]!.kill();
      await there.allFinished(limitMs);
      const ids = body.items.map((job) => job.id);
      expect(tally(await outcomesOf(there, ids))).toEqual(allSucceededOnce(jobs));
    },
    limitMs,
  );

  it(
    'what is left stops cleanly',
    async () => {
      const codes = await Promise.all(processes.slice(1).map((one) => one.stop()));
      expect(codes).toEqual([0, 0, 0]);
    },
    limitMs,
  );
});
