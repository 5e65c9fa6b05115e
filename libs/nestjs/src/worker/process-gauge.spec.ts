import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ProcessGauge } from './process-gauge.js';

describe('the gauge of a process', () => {
  const gauge = new ProcessGauge('some-worker');
  afterEach(() => gauge.close());

  it('says which process it is, and sees when it was busy and blocked', async () => {
    await pause(100);
    const [before, began] = [process.cpuUsage(), performance.now()];
    while (performance.now() < began + 1_200);
    await pause(100);
    const { user, system } = process.cpuUsage(before);
    const percent = (user + system) / 10 / (performance.now() - began);
    const facts = gauge.facts();
    expect(facts).toMatchObject({
      app: 'some-worker',
      pid: process.pid,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(Date.parse(facts.startedAt)).toBeLessThan(Date.now());
    expect(facts.rssBytes).toBeGreaterThan(10_000_000);
    expect(facts.cpuPercent).toBeGreaterThan(percent / 2);
    expect(facts.eventLoopLagMs).toBeGreaterThan(500);
    expect(gauge.facts()).toMatchObject({ eventLoopLagMs: facts.eventLoopLagMs });
  });
});
