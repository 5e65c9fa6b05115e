import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Follower } from '../follower.fixtures.js';
import { openGateway, type TestGateway, until as untilWithin } from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';
import { startEmbeddedWorker } from '../workers/embedded-worker.fixtures.js';
import { liveTopics } from './live-message.js';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

type Item = Record<string, unknown>;

const followers: Follower[] = [];
afterEach(() => followers.splice(0).forEach((follower) => follower.leave()));

async function follow(): Promise<Follower> {
  const follower = await Follower.of(`${gateway.url}/v1/events`);
  followers.push(follower);
  return follower;
}

/** Generous: machines differ, and only what never happens waits so long. */
const until = (what: string, holds: () => boolean | Promise<boolean>): Promise<void> =>
  untilWithin(what, holds, 25_000);

async function newJob(): Promise<JobView> {
  const payload = { source: 'https://example.com/a.mov', format: 'mp4' };
  return (await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload })).body;
}

const schedule = {
  name: 'yearly',
  cron: '0 0 1 1 *',
  type: 'video.transcode',
  payload: { source: 'https://example.com/a.mov', format: 'mp4' },
};

const lines = (follower: Follower): JobView[] =>
  follower.messages.flatMap(({ event, data }) => (event === 'jobs' ? (data.items as JobView[]) : []));
const toldAs = (follower: Follower, topic: string): Item | undefined =>
  follower.messages.findLast(({ event }) => event === topic)?.data;
const itemsOf = (follower: Follower, topic: string): Item[] =>
  (toldAs(follower, topic)?.items ?? []) as Item[];
const queueOf = (follower: Follower): Item | undefined =>
  itemsOf(follower, 'queues').find(({ name }) => name === 'image.resize');
const knowsAll = (follower: Follower): boolean => liveTopics.every((topic) => follower.kinds.includes(topic));

/** Both are the same, sooner or later; what differs is told. */
async function agree(both: () => Promise<readonly [unknown, unknown]>): Promise<void> {
  const same = async (): Promise<boolean> => {
    const [one, other] = await both();
    return isDeepStrictEqual(one, other);
  };
  await until('both are the same', same).catch(() => {});
  const [one, other] = await both();
  expect(one).toEqual(other);
}

/** A topic is told as its REST route answers it, but for what `part` leaves out. */
function isTold(follower: Follower, topic: string, path: string, part: (body: Item) => Item): Promise<void> {
  return agree(async () => [toldAs(follower, topic), part((await gateway.get<Item>(path)).body)] as const);
}

describe('following everything', () => {
  it('begins with all that is, in the form of the REST routes', async () => {
    await newJob();
    await gateway.post('/v1/schedules', { ...schedule, name: 'first of all' });
    const follower = await follow();
    expect(follower.response.headers['content-type']).toMatch(/^text\/event-stream/);
    await until('all is told', () => knowsAll(follower));
    expect(toldAs(follower, 'counts')).toMatchObject({ queued: expect.any(Number), succeeded: 0 });
    await isTold(follower, 'queues', '/v1/queues', ({ items, broker }) => ({
      items: (items as Item[]).map(({ oldestSeconds: _grows, ...line }) => line),
      broker,
    }));
    await isTold(follower, 'schedules', '/v1/schedules', ({ items }) => ({
      items: (items as (Item & { nextRuns: string[] })[]).map(({ payload: _payload, nextRuns, ...line }) => ({
        ...line,
        nextRuns: nextRuns.slice(0, 1),
      })),
    }));
    await isTold(follower, 'health', '/health/ready', ({ status, details }) => ({ status, details }));
    await isTold(follower, 'audit', '/v1/audit', ({ items }) => ({ items: (items as Item[]).slice(0, 1) }));
  });

  it('begins so for each who comes later too', async () => {
    const first = await follow();
    await until('the first knows all', () => knowsAll(first));
    const second = await follow();
    await until('the second knows all', () => knowsAll(second));
    for (const topic of liveTopics)
      await agree(async () => [toldAs(second, topic), toldAs(first, topic)] as const);
  });

  it('tells each of many followers of a job that changes, without payload and result', async () => {
    const job = await newJob();
    const both = await Promise.all([follow(), follow()]);
    await gateway.post(`/v1/jobs/${job.id}/cancel`, {});
    for (const follower of both) {
      const seen = (): JobView | undefined => lines(follower).find(({ id }) => id === job.id);
      await until('it is told', () => seen()?.status === 'cancelled');
      expect(Object.keys(seen()!)).not.toEqual(expect.arrayContaining(['payload']));
      expect(Object.keys(seen()!)).not.toEqual(expect.arrayContaining(['result']));
      await until('it is counted', () => Number(toldAs(follower, 'counts')?.cancelled) > 0);
    }
  });

  it('tells what is ordered of queues and schedules, and who ordered it', async () => {
    const follower = await follow();
    await until('all is told', () => knowsAll(follower));
    await gateway.post('/v1/queues/image.resize/pause', {});
    await until('it is paused', () => queueOf(follower)?.paused === true);
    await until('it is on the trail', () => itemsOf(follower, 'audit')[0]?.action === 'queue.pause');
    await gateway.post('/v1/queues/image.resize/resume', {});
    await until('it is resumed', () => queueOf(follower)?.paused === false);
    const { body } = await gateway.post<{ id: string }>('/v1/schedules', schedule);
    const told = (): Item | undefined => itemsOf(follower, 'schedules').find(({ id }) => id === body.id);
    await until('the schedule is told', () => told()?.paused === false);
    await gateway.post(`/v1/schedules/${body.id}/pause`, {});
    await until('it is paused', () => told()?.paused === true);
    await gateway.call('DELETE', `/v1/schedules/${body.id}`);
    await until('it is gone', () => told() === undefined);
  });

  it('tells of workers that come, work and go', async () => {
    const follower = await follow();
    const worker = await startEmbeddedWorker();
    try {
      const told = (): Item | undefined => itemsOf(follower, 'workers').find(({ id }) => id === worker.name);
      await until('it is there', () => told()?.status === 'running' && told()?.lastSeenAt !== undefined);
      await until('its queue counts it', () => queueOf(follower)?.workers === 1);
      await gateway.post(`/v1/workers/${encodeURIComponent(worker.name)}/drain`, {});
      await until('it is drained', () => told()?.status === 'drained');
      await worker.stop();
      await until('it has stopped', () => told()?.status === 'stopped');
    } finally {
      await worker.stop();
    }
  });

  it('tells what is only when it is another', async () => {
    const follower = await follow();
    await until('all is told', () => knowsAll(follower));
    await gateway.post('/v1/queues/image.resize/pause', {});
    await until('a change is told', () => queueOf(follower)?.paused === true);
    for (const topic of liveTopics) {
      const all = follower.messages.filter(({ event }) => event === topic);
      const texts = all.map(({ data }) => JSON.stringify(data));
      expect(texts.filter((text, i) => text === texts[i - 1])).toEqual([]);
    }
    await gateway.post('/v1/queues/image.resize/resume', {});
  });

  it('ends when the gateway goes', async () => {
    const other = await openGateway();
    const follower = await Follower.of(`${other.url}/v1/events`);
    await other.close();
    await follower.ended;
  });
});
