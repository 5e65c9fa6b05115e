import { startNatsCluster, startRabbitmqCluster, type TestCluster } from '@heavylift/test-servers';
import type { Api, Job } from './api.js';

/** A cluster of three, and what a test has to know of its kind. */
export interface BrokerCluster {
  readonly cluster: TestCluster;
  /** The queue or stream through which the jobs of the test go. */
  readonly jobs: string;
  /** The queue or stream of jobs that wait for an hour. */
  readonly delays: string;
  /** Asked after a fault, gives a question: whether jobs posted after it have left for the broker. */
  afterNow(api: Api): Promise<() => Promise<boolean>>;
}

export const brokerClusters = { rabbitmq: ofRabbitmq, nats: ofNats } as const;

async function ofRabbitmq(): Promise<BrokerCluster> {
  // By default the others miss a frozen node only after a minute, and until then no queue can be declared.
  const cluster = await startRabbitmqCluster({ config: ['net_ticktime = 10'] });
  return {
    cluster,
    jobs: 'image.resize',
    delays: 'heavylift.retry.1h',
    afterNow: async (api) => {
      const now = Date.now();
      return async () => (await newestDone(api)) > now;
    },
  };
}

/** When the youngest of the jobs that are done was posted: one that has run has been published. */
async function newestDone(api: Api): Promise<number> {
  const { body } = await api.get<{ items: Job[] }>('/v1/jobs?status=succeeded&limit=1');
  return Date.parse(body.items[0]?.createdAt ?? '');
}

async function ofNats(): Promise<BrokerCluster> {
  const cluster = await startNatsCluster();
  const jobs = 'HEAVYLIFT_JOBS';
  return {
    cluster,
    jobs,
    delays: 'HEAVYLIFT_RETRY',
    afterNow: async () => {
      // A few were on their way, and the old leader may have handed them on with its last breath.
      const enough = (await cluster.stored(jobs)) + 10;
      return async () => (await cluster.stored(jobs)) > enough;
    },
  };
}
