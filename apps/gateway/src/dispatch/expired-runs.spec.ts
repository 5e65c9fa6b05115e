import { randomUUID } from 'node:crypto';
import { decodeSignal, type Signal } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { expect, it } from '@jest/globals';
import { openJobStore } from '../store/index.js';
import { event, newJob } from '../store/job-store.fixtures.js';
import { until } from '../gateway.fixtures.js';
import { Projection } from './projection.js';
import { Lines } from './recorder.fixtures.js';
import { SignalDesk } from './signal-desk.js';

it('a run of a job that has expired is told to stop, and the job does not come back', async () => {
  const store = await openJobStore('sqlite::memory:');
  const transport = await createTransport('embedded:', 'gateway');
  await transport.connect([]);
  const logger = new Lines();
  const desk = new SignalDesk({ store, name: 'gateway', logger, newId: randomUUID });
  await desk.open(transport);
  const heard: Signal[] = [];
  await transport.onSignal((body) => void heard.push(decodeSignal(body)));
  const projection = new Projection(store, { logger, tellOverrun: (ids) => desk.tellOverrun(ids) });
  const job = newJob();
  await store.accept([job]);
  await projection.record([event(job, { kind: 'cancelled', attempt: 0 })]);
  await store.removeExpired(Date.now() + 60_000, 1);
  expect(await projection.record([event(job, { kind: 'started', attempt: 7 })])).toEqual([]);
  await until('the run is told to stop', () =>
    heard.some(
      (signal) => signal.kind === 'ended' && signal.jobs.some(({ id, upTo }) => id === job.id && upTo > 7),
    ),
  );
  expect(await store.get(job.id)).toBeUndefined();
  await transport.close();
  await store.close();
});
