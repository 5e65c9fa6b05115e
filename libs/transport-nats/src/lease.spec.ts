import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { pause } from './deadline.js';
import { type Lease, Leases } from './lease.js';

function leaseOf(leaseMs: number, renew: (leased: string) => Promise<void>): Lease<string> {
  return new Leases(leaseMs, renew).begin('job');
}

describe('lease', () => {
  it('is lost once no renewal was confirmed for its length', async () => {
    const lease = leaseOf(60, () => Promise.reject(new Error('no answer')));
    await once(lease.lost, 'abort', { signal: AbortSignal.timeout(5_000) });
    expect(lease.lost.aborted).toBe(true);
  });

  it('is kept as long as renewals are confirmed', async () => {
    let renewals = 0;
    const lease = leaseOf(900, async () => void renewals++);
    for (const began = performance.now(); renewals < 4 && performance.now() - began < 10_000;)
      await pause(20);
    lease.end();
    expect(renewals).toBe(4);
    expect(lease.lost.aborted).toBe(false);
  }, 15_000);

  it('is not lost any more after its end, although a renewal is confirmed late', async () => {
    let confirm: () => void = () => {};
    const lease = leaseOf(60, () => new Promise((resolve) => (confirm = resolve)));
    await pause(30);
    lease.end();
    confirm();
    await pause(120);
    expect(lease.lost.aborted).toBe(false);
  });
});
