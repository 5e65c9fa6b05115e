import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { JobMessage, Transport } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { type ClusterNode, waitUntil } from '@heavylift/test-servers';
import { Api } from '../support/api.js';
import { type BrokerCluster, brokerClusters } from '../support/broker-clusters.js';
import { smallPicture } from '../support/media.js';
import { allSucceededOnce, outcomesOf, tally } from '../support/outcomes.js';
import { HeavyliftProcess } from '../support/process.js';
import { describeSideBySide } from '../support/side-by-side.js';
import { SteadyClient } from '../support/steady-client.js';
import { chosenServers, ownFolder, settingsOf } from '../support/system.js';

const limitMs = 900_000;
const postEveryMs = 80;
const loadAloneMs = 2_000;
/** Far less than the longest fault lasts: no post may wait for the broker. */
const answerMs = 10_000;
const frozenMs = 30_000;
/** Nodes of a starved machine may take each other for dead as well, and pause until they know better. */
const resumeLimitMs = 180_000;
/** Within this, publishing resumes after the leader's death. */
const promisedMs = { rabbitmq: 5_000, nats: 10_000 } as const;
const tries = 5;

/** Waits in a delay queue or stream for longer than the test lasts. */
const delayed: JobMessage = {
  id: 'delayed',
  queue: 'test.delayed',
  type: 'test.delayed',
  attempt: 1,
  suspected: 0,
  release: 0,
  headers: {},
  body: new Uint8Array(),
};

type Started = HeavyliftProcess & { readonly url: string };

describeSideBySide(chosenServers, 'on three nodes of %s', (broker, { beforeAll, afterAll, it }) => {
  let folder: string;
  let own: BrokerCluster;
  let ear: Transport;
  let api: Api;
  let submission: object;
  const running: Started[] = [];
  const heard: string[] = [];
  const resumedMs: number[] = [];

  beforeAll(async () => {
    folder = await ownFolder();
    own = await brokerClusters[broker]();
    const env = settingsOf({ folder, brokerUrl: own.cluster.url });
    for (const app of ['gateway', 'image-worker', 'image-worker'])
      running.push(await HeavyliftProcess.start(app, env));
    ear = await createTransport(own.cluster.url, 'ear');
    await ear.connect([{ name: delayed.queue }]);
    await ear.onSignal((body) => void heard.push(Buffer.from(body).toString()));
    api = new Api(running[0]!.url);
    const asset = await api.postFile<{ id: string }>('/v1/assets', await smallPicture());
    const payload = { source: asset.body.id, variants: [{ name: 'tiny', width: 64, format: 'jpeg' }] };
    submission = { type: 'image.resize', payload };
    await allReady();
  }, limitMs);
  afterAll(async () => {
    await Promise.all(running.map((one) => one.stop()));
    await ear?.close();
    await own?.cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }, limitMs);

  /** Every process says that its broker works. */
  async function allReady(): Promise<void> {
    for (const { url, app } of running) {
      const isReady = async (): Promise<boolean> =>
        (await new Api(url).get<{ status: string }>('/health/ready')).body.status === 'ok';
      await waitUntil(`${app} ready`, isReady, { timeoutMs: resumeLimitMs });
    }
  }

  async function signalsComeThrough(): Promise<void> {
    const word = `heard ${heard.length}`;
    const isHeard = async (): Promise<boolean> => {
      await ear.signal(Buffer.from(word));
      return heard.includes(word);
    };
    await waitUntil('a signal', isHeard, { timeoutMs: resumeLimitMs, everyMs: 200 });
  }

  async function allHaveThreeCopies(): Promise<void> {
    const complete = async (): Promise<boolean> => {
      const copies = await own.cluster.copies();
      return (
        own.jobs in copies && own.delays in copies && Object.values(copies).every((count) => count === 3)
      );
    };
    await waitUntil('three copies of everything', complete, { timeoutMs: resumeLimitMs, everyMs: 500 });
  }

  /** Posts all the while; in the end every post was answered 202, and soon, and every job has succeeded once. */
  async function underLoad(work: (leader: ClusterNode) => Promise<void>): Promise<void> {
    const client = new SteadyClient(api, submission, postEveryMs);
    await pause(loadAloneMs);
    await own.cluster
      .leaderOf(own.jobs)
      .then(work)
      .finally(() => client.stop());
    const posted = await client.stop();
    expect(posted.filter(({ status, tookMs }) => status !== 202 || tookMs > answerMs)).toEqual([]);
    await api.allFinished(limitMs);
    const ids = posted.map(({ id }) => id);
    expect(tally(await outcomesOf(api, ids))).toEqual(allSucceededOnce(ids.length));
  }

  /** Milliseconds from `since` until jobs that are posted from now on get through. */
  async function untilResumed(since: number): Promise<number> {
    await waitUntil('publishing resumes', await own.afterNow(api), { timeoutMs: resumeLimitMs });
    return Date.now() - since;
  }

  async function allIsBack(): Promise<void> {
    await allReady();
    await signalsComeThrough();
  }

  /** Notes when publishing resumes, and brings the node back once all works without it. */
  async function outlives(leader: ClusterNode): Promise<void> {
    const killedAt = Date.now();
    await leader.kill();
    resumedMs.push(await untilResumed(killedAt));
    await allIsBack();
    await leader.start();
    await allHaveThreeCopies();
  }

  it(
    'all have all, and every connection names the same keeper',
    async () => {
      await ear.send(delayed, { delayMs: 3_600_000 });
      await allHaveThreeCopies();
      const [, front, hosts] = /^(.*(?:@|\/\/))(.*)$/.exec(own.cluster.url)!;
      for (const [i] of own.cluster.nodes.entries()) {
        const turned = hosts!.split(',');
        turned.push(...turned.splice(0, i));
        const other = await createTransport(front + turned.join(','), 'other');
        await other.connect([]);
        expect(other.keeper).toBe(ear.keeper);
        await other.close();
      }
    },
    limitMs,
  );

  it(
    'a leader that is frozen for half a minute loses nothing, and others take over before',
    () =>
      underLoad(async (leader) => {
        const frozenAt = Date.now();
        leader.freeze();
        // On a starved machine it stays frozen until they have.
        await untilResumed(frozenAt);
        await pause(Math.max(0, frozenAt + frozenMs - Date.now()));
        leader.thaw();
        await allIsBack();
        await allHaveThreeCopies();
      }),
    limitMs,
  );

  for (const when of ['is', 'is, once the first is back,'])
    it(`a leader that ${when} killed loses nothing, and is not needed`, () => underLoad(outlives), limitMs);

  // The best of some: an election may be drawn, and is held again then; and a machine may have other things to do.
  it(
    `publishing resumes within ${promisedMs[broker] / 1_000} s of the leader's death`,
    async () => {
      while (resumedMs.length < tries && !resumedMs.some((ms) => ms < promisedMs[broker]))
        await underLoad(outlives);
      console.info(`${broker}: ms from the leader's death to jobs that get through`, resumedMs);
      expect(Math.min(...resumedMs)).toBeLessThan(promisedMs[broker]);
    },
    limitMs,
  );
});
