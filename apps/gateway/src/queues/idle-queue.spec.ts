import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditTrail } from '../audit/audit-trail.js';
import type { JobStore } from '../store/index.js';
import { openJobStore } from '../store/index.js';
import type { SeenWorker } from '../workers/worker-register.js';
import { QueuesService } from './queues.service.js';

const type = 'image.resize';

describe('a queue', () => {
  let store: JobStore;
  let fleet: SeenWorker[];
  let queues: QueuesService;

  beforeEach(async () => {
    store = await openJobStore('sqlite::memory:');
    fleet = [];
    queues = new QueuesService({
      jobTypes: [type],
      store: store.control,
      transport: { inspect: async () => ({ ready: 0, deadLettered: 0 }) },
      workers: async () => fleet,
      orders: { tell: async () => {} },
      purge: { purge: async () => 0 },
      audit: new AuditTrail(store.control),
    });
  });
  afterEach(() => store.close());

  it('is idle while workers are there for it, and none of them has anything in hand', async () => {
    expect(await queues.isIdle(type)).toBe(false);
    fleet = [worker({ busy: 0 }), worker({ busy: 1, jobTypes: ['video.transcode'] })];
    expect(await queues.isIdle(type)).toBe(true);
    fleet = [worker({ busy: 0 }), worker({ busy: 1 })];
    expect(await queues.isIdle(type)).toBe(false);
  });

  it('is not idle without a worker that takes its jobs', async () => {
    for (const away of [{ isPresent: false }, { status: 'draining' }, { status: 'lost' }] as const) {
      fleet = [{ ...worker({ busy: 0 }), ...away }];
      expect(await queues.isIdle(type)).toBe(false);
    }
  });

  it('is not idle while it is paused or limited: what waits there, waits rightly', async () => {
    fleet = [worker({ busy: 0 })];
    await queues.pause(type, 'test');
    expect(await queues.isIdle(type)).toBe(false);
    await queues.resume(type, 'test');
    await queues.setRate(type, 5, 'test');
    expect(await queues.isIdle(type)).toBe(false);
    await queues.setRate(type, null, 'test');
    expect(await queues.isIdle(type)).toBe(true);
  });
});

function worker(over: Partial<SeenWorker['presence']>): SeenWorker {
  const now = new Date().toISOString();
  const process = { app: 'w', host: 'h', pid: 1, version: '1', startedAt: now, cpuPercent: 0, rssBytes: 0 };
  const presence = {
    ...process,
    ...{
      eventLoopLagMs: 0,
      name: 'w@h:1',
      at: now,
      state: 'running' as const,
      concurrency: 2,
      busy: 0,
      running: [],
    },
    jobTypes: [type],
    ...over,
  };
  return { presence, seenAt: Date.now(), status: 'running', isPresent: true };
}
