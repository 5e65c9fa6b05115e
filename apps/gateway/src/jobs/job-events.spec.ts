import { randomUUID } from 'node:crypto';
import { encodeEvent, type EventFacts, eventTopic, type Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Follower } from '../follower.fixtures.js';
import { openGateway, type TestGateway, until } from '../gateway.fixtures.js';
import type { JobView } from './job-view.js';

let gateway: TestGateway;
let worker: Transport;
beforeAll(async () => {
  gateway = await openGateway({ drainTimeoutSeconds: 600 });
  worker = await createTransport('embedded:', 'worker');
  await worker.connect([]);
});
afterAll(async () => {
  await worker.close();
  await gateway.close();
});

const followJob = (id: string, lastEventId?: string): Promise<Follower> =>
  Follower.of(`${gateway.url}/v1/jobs/${id}/events`, lastEventId);

async function newJob(): Promise<JobView> {
  const payload = { source: 'https://example.com/a.mov', format: 'mp4' };
  return (await gateway.post<JobView>('/v1/jobs', { type: 'video.transcode', payload })).body;
}

/** What a worker tells of a job. */
async function tell(job: JobView, ...all: (EventFacts & { readonly run?: string })[]): Promise<void> {
  for (const facts of all) {
    const base = { id: randomUUID(), jobId: job.id, jobType: job.type, attempt: 1, release: 0 };
    const event = { ...base, at: new Date().toISOString(), worker: 'worker@here:1', run: 'run-1', ...facts };
    await worker.publish(eventTopic(event), encodeEvent(event));
  }
}

const started = { kind: 'started', maxAttempts: 3 } as unknown as EventFacts;
const progressed = (percent: number): EventFacts => ({ kind: 'progressed', progress: { percent } });
const succeeded = { kind: 'succeeded', result: { asset: 'a-result' }, assets: [] } as EventFacts;

async function finishedJob(): Promise<JobView> {
  const job = await newJob();
  await tell(job, started, progressed(50), succeeded);
  await until('the job is done', async () => {
    const { body } = await gateway.get<JobView>(`/v1/jobs/${job.id}`);
    return body.status === 'succeeded';
  });
  return job;
}

describe('following a job', () => {
  it('tells what has happened, then what happens, and its end', async () => {
    const job = await newJob();
    await tell(job, started);
    const follower = await followJob(job.id);
    expect(follower.response.statusCode).toBe(200);
    expect(follower.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    await until('it hears what was', () => follower.messages.length === 2);
    await tell(job, progressed(40));
    await until('it hears what is', () => follower.messages.length === 3);
    await tell(job, succeeded);
    await follower.ended;
    expect(follower.kinds).toEqual(['queued', 'started', 'progressed', 'succeeded', 'end']);
    expect(follower.messages.map(({ id }) => id)).toEqual([1, 2, 3, 4, undefined]);
    expect(follower.messages[2]!.data).toMatchObject({
      seq: 3,
      kind: 'progressed',
      attempt: 1,
      worker: 'worker@here:1',
      progress: { percent: 40 },
    });
    expect(follower.messages.at(-1)!.data).toEqual({ status: 'succeeded' });
  });

  it('ends at once when the job has ended', async () => {
    const job = await finishedJob();
    const follower = await followJob(job.id);
    await follower.ended;
    expect(follower.kinds).toEqual(['queued', 'started', 'progressed', 'succeeded', 'end']);
  });

  it('tells the same as the history', async () => {
    const job = await finishedJob();
    const follower = await followJob(job.id);
    await follower.ended;
    const { body } = await gateway.get<{ items: unknown[] }>(`/v1/jobs/${job.id}/history`);
    expect(follower.messages.slice(0, -1).map(({ data }) => data)).toEqual(body.items);
  });

  it('tells the outcome of a run that came too late as late, and gives no one a second end', async () => {
    const job = await finishedJob();
    await tell(job, { kind: 'cancelled', run: 'run-2' });
    const history = async () =>
      (await gateway.get<{ items: { kind: string; late?: boolean }[] }>(`/v1/jobs/${job.id}/history`)).body
        .items;
    await until('it is recorded', async () => (await history()).length === 5);
    expect((await history()).at(-1)).toMatchObject({ kind: 'cancelled', late: true });
    const follower = await followJob(job.id);
    await follower.ended;
    expect(follower.kinds).toEqual(['queued', 'started', 'progressed', 'succeeded', 'late', 'end']);
    expect((await gateway.get<JobView>(`/v1/jobs/${job.id}`)).body.status).toBe('succeeded');
  });

  it('goes on after the last event that the client heard', async () => {
    const job = await newJob();
    await tell(job, started);
    const first = await followJob(job.id);
    await until('it hears the first two', () => first.messages.length === 2);
    first.leave();
    await first.ended;
    await tell(job, progressed(10), succeeded);
    const second = await followJob(job.id, String(first.messages.at(-1)!.id));
    await second.ended;
    expect(second.messages.map(({ id }) => id)).toEqual([3, 4, undefined]);
    const third = await followJob(job.id, '4');
    await third.ended;
    expect(third.kinds).toEqual(['end']);
  });

  it.each(['nonsense', '-1', '1.5', '1e9', 'Infinity', '9'.repeat(30)])(
    'starts from the first event when the last one is said to be %s',
    async (id) => {
      const job = await finishedJob();
      const follower = await followJob(job.id, id);
      await follower.ended;
      expect(follower.kinds[0]).toBe('queued');
    },
  );

  it('tells a hundred clients the same', async () => {
    const job = await newJob();
    const followers = await Promise.all(Array.from({ length: 100 }, () => followJob(job.id)));
    await tell(job, started, progressed(10), succeeded);
    await Promise.all(followers.map((follower) => follower.ended));
    for (const follower of followers) expect(follower.messages).toEqual(followers[0]!.messages);
  });

  it('tells every one of 2,500 events, to a client that reads slowly too', async () => {
    const job = await newJob();
    await tell(job, started, ...Array.from({ length: 2_500 }, (_, i) => progressed(i / 25)), succeeded);
    await until('all is recorded', async () => {
      const { body } = await gateway.get<JobView>(`/v1/jobs/${job.id}`);
      return body.status === 'succeeded';
    });
    const follower = await followJob(job.id);
    await follower.ended;
    expect(follower.messages).toHaveLength(2_504);
    expect(follower.messages.slice(0, -1).map(({ id }) => id)).toEqual(
      Array.from({ length: 2_503 }, (_, i) => i + 1),
    );
    const { body } = await gateway.get<{ items: unknown[] }>(`/v1/jobs/${job.id}/history`);
    expect(body.items).toHaveLength(2_503);
  });

  it('does not answer HEAD with a stream that never ends', async () => {
    const job = await newJob();
    const response = await fetch(`${gateway.url}/v1/jobs/${job.id}/events`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(25_000),
    });
    expect([200, 404]).toContain(response.status);
  });
});

describe('a client that goes away', () => {
  it('leaves nothing behind', async () => {
    const job = await newJob();
    const held = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout' || name === 'TCPSocketWrap')
        .length;
    const before = held();
    const followers = await Promise.all(Array.from({ length: 50 }, () => followJob(job.id)));
    await until('all listen', () => followers.every(({ messages }) => messages.length === 1));
    expect(held()).toBeGreaterThan(before + 100);
    for (const follower of followers) follower.leave();
    await Promise.all(followers.map((follower) => follower.ended));
    await until('no timer and no socket of theirs is left', () => held() <= before + 2);
    expect(gateway.log.at('error')).toEqual([]);
  });
});

describe('a gateway that stops', () => {
  it('ends the streams that are open, promptly', async () => {
    const job = await newJob();
    const followers = await Promise.all(Array.from({ length: 20 }, () => followJob(job.id)));
    await until('all listen', () => followers.every(({ messages }) => messages.length === 1));
    // Not by the drain timeout, at which every connection is cut: that is later than this test may take.
    await gateway.stop();
    await Promise.all(followers.map((follower) => follower.ended));
    expect(followers.every(({ kinds }) => kinds.join() === 'queued')).toBe(true);
    expect(gateway.log.at('error')).toEqual([]);
  });
});
