import { once } from 'node:events';
import { pause } from '@heavylift/core';
import { describe, expect, it } from '@jest/globals';
import { type Lease, Leases } from './lease.js';

function leaseOf(leaseMs: number, renew: (leased: string) => Promise<void>): Lease<string> {
  return new Leases(leaseMs, renew).begin('job');
}

describe('lease', () => {
  it('is lost once no renewal was confirmed for its length', async () => {
    const lease = leaseOf(60, () => Promise.reject(new Error('no answer')));
    await once(lease.lost, 'abort', { signal: AbortSignal.timeout(25_000) });
    expect(lease.lost.aborted).toBe(true);
  });

  it('is kept as long as renewals are confirmed', async () => {
    let renewals = 0;
    const lease = leaseOf(3_000, async () => void renewals++);
    for (const began = performance.now(); renewals < 4 && performance.now() - began < 25_000;)
      await pause(20);
    lease.end();
    expect(renewals).toBeGreaterThanOrEqual(4);
    expect(lease.lost.aborted).toBe(false);
  });

  it('is not lost any more after its end, although a renewal is confirmed late', async () => {
    let confirm: () => void = () => {};
    const lease = leaseOf(1_500, () => new Promise((resolve) => (confirm = resolve)));
    await pause(600);
    lease.end();
    confirm();
    await pause(1_600);
    expect(lease.lost.aborted).toBe(false);
  });
});
