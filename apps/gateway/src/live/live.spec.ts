import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Follower } from '../follower.fixtures.js';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from '../jobs/job-view.js';

let gateway: TestGateway;
beforeAll(async () => void (gateway = await openGateway()));
afterAll(() => gateway.close());

async function newJob(): Promise<JobView> {
  const payload = { source: 'https://example.com/a.mov', format: 'mp4' };
  return (await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload })).body;
}

const follow = (): Promise<Follower> => Follower.of(`${gateway.url}/v1/events`);
const lines = (follower: Follower): JobView[] =>
  follower.messages.flatMap(({ event, data }) => (event === 'jobs' ? (data.items as JobView[]) : []));

describe('following everything', () => {
  it('begins with the counts', async () => {
    await newJob();
    const follower = await follow();
    expect(follower.response.headers['content-type']).toMatch(/^text\/event-stream/);
    await until('the counts came', () => follower.kinds.includes('counts'));
    expect(follower.messages[0]!.data).toMatchObject({ queued: expect.any(Number), succeeded: 0 });
    follower.leave();
  });

  it('tells each of many followers of a job that changes, without payload and result', async () => {
    const job = await newJob();
    const followers = await Promise.all([follow(), follow()]);
    await gateway.post(`/v1/jobs/${job.id}/cancel`, {});
    for (const follower of followers) {
      const seen = (): JobView | undefined => lines(follower).find(({ id }) => id === job.id);
      await until('it is told', () => seen()?.status === 'cancelled');
      expect(Object.keys(seen()!)).not.toEqual(expect.arrayContaining(['payload']));
      expect(Object.keys(seen()!)).not.toEqual(expect.arrayContaining(['result']));
      const cancelled = (): unknown =>
        follower.messages.findLast(({ event }) => event === 'counts')?.data.cancelled;
      await until('it is counted', () => Number(cancelled()) > 0);
      follower.leave();
    }
  });

  it('ends when the gateway goes', async () => {
    const other = await openGateway();
    const follower = await Follower.of(`${other.url}/v1/events`);
    await other.close();
    await follower.ended;
  });
});
