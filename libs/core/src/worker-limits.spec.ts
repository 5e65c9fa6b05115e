import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';
import { WorkerLimits } from './worker-limits.js';

const types = ['video.transcode', 'image.resize'];

describe('the limits of a worker', () => {
  let now = 0;
  let limits: WorkerLimits;
  beforeEach(() => {
    now = 1_000_000;
    limits = new WorkerLimits(types, 4, { now: () => new Date(now), random: () => 0.5 });
  });
  afterEach(() => limits.close());

  it('let nothing start before the orders are known', () => {
    expect(limits.room('image.resize')).toBe(0);
    limits.obey([]);
    expect(limits.room('image.resize')).toBe(Infinity);
  });

  it('let jobs start without orders when nobody gives any', async () => {
    await new Promise<void>((resolve) => limits.onChange(resolve));
    expect(limits.room('image.resize')).toBe(Infinity);
  });

  it('close all lanes of a paused job type, and no other', () => {
    limits.obey([{ name: 'video.transcode', paused: true }]);
    for (const lane of ['video.transcode.high', 'video.transcode', 'video.transcode.low'])
      expect([lane, limits.room(lane)]).toEqual([lane, 0]);
    expect(limits.room('image.resize.low')).toBe(Infinity);
    limits.obey([]);
    expect(limits.room('video.transcode.low')).toBe(Infinity);
  });

  it('close everything while the worker is drained', () => {
    limits.obey([]);
    limits.drain();
    expect([limits.room('image.resize'), limits.draining]).toEqual([0, true]);
    limits.resume();
    expect([limits.room('image.resize'), limits.draining]).toEqual([Infinity, false]);
  });

  it('tell of each change', () => {
    let changes = 0;
    const end = limits.onChange(() => changes++);
    limits.obey([]);
    limits.resize(7);
    limits.drain();
    limits.resume();
    expect([changes, limits.concurrency]).toEqual([4, 7]);
    end();
    limits.resize(8);
    expect(changes).toBe(4);
  });

  it('pace one job type over all of its lanes', () => {
    limits.obey([{ name: 'image.resize', paused: false, perMinute: 60 }]);
    expect(limits.room('image.resize')).toBe(0);
    now += 500;
    expect([limits.room('image.resize'), limits.room('image.resize.high')]).toEqual([1, 1]);
    limits.started('image.resize');
    expect([limits.room('image.resize'), limits.room('image.resize.high')]).toEqual([0, 0]);
    expect(limits.room('video.transcode')).toBe(Infinity);
    limits.obey([]);
    expect(limits.room('image.resize')).toBe(Infinity);
  });

  it('tell each time when the next job may start, also when a timer comes early', async () => {
    let reads = 0;
    const tremblingClock = (): Date => new Date(Date.now() - (reads++ % 2));
    const real = new WorkerLimits(types, 1, { now: tremblingClock, random: () => 0 });
    real.obey([{ name: 'image.resize', paused: false, perMinute: 6_000 }]);
    for (let start = 1; start <= 100; start++) {
      while (real.room('image.resize') === 0)
        await new Promise<void>((resolve) => {
          const end = real.onChange(() => (end(), resolve()));
        });
      while (real.room('image.resize') > 0) real.started('image.resize');
    }
    real.close();
  });
});

describe('a token bucket', () => {
  it('keeps its pace however late each start comes within half a second', () => {
    const bucket = new TokenBucket(120, 0, 0);
    let starts = 0;
    for (let now = 0; now <= 60_000; now += 370) {
      if (bucket.room(now) === 0) continue;
      bucket.take(now);
      starts++;
    }
    expect(starts).toBeGreaterThanOrEqual(118);
    expect(starts).toBeLessThanOrEqual(121);
  });

  it('saves up no more than one start and half a second of others', () => {
    const bucket = new TokenBucket(600, 0, 0);
    expect(bucket.room(3_600_000)).toBe(6);
    const slow = new TokenBucket(1, 0, 0);
    expect(slow.room(3_600_000)).toBe(1);
  });

  it('says exactly how long the next start has to wait', () => {
    for (const perMinute of [0.1, 1, 7, 60, 999, 60_000]) {
      const bucket = new TokenBucket(perMinute, 0, 0);
      const waitMs = bucket.waitMs(0);
      expect([perMinute, bucket.room(waitMs)]).toEqual([perMinute, 1]);
      bucket.take(waitMs);
      expect(bucket.waitMs(waitMs)).toBeGreaterThan(0);
    }
  });

  it('makes up later for a start that there was no room for', () => {
    const bucket = new TokenBucket(60, 0, 0);
    bucket.take(0);
    expect([bucket.room(1_999), bucket.room(2_000)]).toEqual([0, 1]);
  });

  it('takes another rate at once, and loses nothing that it saved', () => {
    const bucket = new TokenBucket(60, 0, 0);
    expect(bucket.room(500)).toBe(0);
    bucket.setRate(600, 500);
    expect([bucket.room(540), bucket.room(550)]).toEqual([0, 1]);
  });
});
