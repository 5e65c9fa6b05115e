import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { queuesOf, type Transport } from '@heavylift/core';
import { type NatsServer, startNats } from '@heavylift/test-servers';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { createNatsTransport } from './index.js';

const message = {
  id: 'job-1',
  queue: 'video.transcode',
  type: 'heavylift.job.video.transcode.v1',
  attempt: 1,
  suspected: 0,
  release: 0,
  headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
  body: Buffer.from('{"specversion":"1.0","id":"job-1"}'),
};

describe('what an operator sees in NATS', () => {
  let server: NatsServer;
  let nc: NatsConnection;
  let jsm: JetStreamManager;
  let transport: Transport;

  beforeAll(async () => {
    server = await startNats();
    nc = await connect({ servers: new URL(server.url).host });
    jsm = await nc.jetstreamManager();
    transport = createNatsTransport({ url: server.url, clientName: 'gateway-1' });
    await transport.connect(queuesOf(message.queue));
  }, 60_000);

  afterAll(async () => {
    await transport.close();
    await nc.close();
    await server.stop();
  });

  it('shows streams by their promised names, that refuse rather than drop', async () => {
    const [jobs, dead] = await Promise.all([
      jsm.streams.info('HEAVYLIFT_JOBS'),
      jsm.streams.info('HEAVYLIFT_DEAD'),
    ]);
    expect(jobs.config).toMatchObject({
      retention: 'workqueue',
      storage: 'file',
      discard: 'new',
      subjects: ['heavylift.jobs.>'],
    });
    expect(dead.config).toMatchObject({
      retention: 'limits',
      discard: 'new',
      subjects: ['heavylift.dead.>'],
    });
    const events = await jsm.streams.info('HEAVYLIFT_EVENTS');
    expect(events.config).toMatchObject({ max_age: 7 * 86_400 * 1e9, subjects: ['heavylift.events.>'] });
  });

  it.each(['video.transcode.high', 'video.transcode', 'video.transcode.low'])(
    'shows a durable consumer for the lane %s',
    async (lane) => {
      const { config } = await jsm.consumers.info('HEAVYLIFT_JOBS', lane.replaceAll('.', '_'));
      expect(config).toMatchObject({
        description: 'dead letters: video.transcode',
        filter_subject: `heavylift.jobs.${lane}`,
        ack_policy: 'explicit',
        max_ack_pending: -1,
      });
    },
  );

  it('shows a waiting job that can be read', async () => {
    await transport.send(message);
    const stored = await jsm.streams.getMessage('HEAVYLIFT_JOBS', {
      last_by_subj: 'heavylift.jobs.video.transcode',
    });
    expect(stored.json()).toEqual({ specversion: '1.0', id: 'job-1' });
    expect(Object.fromEntries(stored.header)).toMatchObject({
      'Heavylift-Id': ['job-1'],
      'Heavylift-Type': ['heavylift.job.video.transcode.v1'],
      'Heavylift-Attempt': ['1'],
      'Heavylift-Suspected': ['0'],
      'Heavylift-Client': ['gateway-1'],
      'Content-Type': ['application/cloudevents+json'],
      'Nats-Msg-Id': ['job-1:1:0'],
      traceparent: [message.headers.traceparent],
    });
  });

  it('shows the name of the process at its connection', async () => {
    const answer = await fetch(`${server.monitorUrl}/connz`);
    const { connections } = (await answer.json()) as { connections: { name?: string }[] };
    expect(connections.map(({ name }) => name)).toContain('gateway-1');
  });
});
