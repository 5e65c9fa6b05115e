import { describe, expect, it } from '@jest/globals';
import { type JobMessage, sendingId } from '@heavylift/core';
import { WaitingLine } from './waiting-line.js';

const text = new TextEncoder();

describe('WaitingLine', () => {
  it('gives back each job whole and in order, however many wait and whenever they come and go', () => {
    const line = new WaitingLine();
    let [pushed, taken] = [0, 0];
    const push = (count: number): void => {
      for (let i = 0; i < count; i++) line.push(held(pushed++));
    };
    const take = (count: number): void => {
      const found = Array.from({ length: count }, () => line.shift());
      expect(found.map((one) => one?.sending)).toEqual(found.map((_, i) => held(taken + i).sending));
      for (let i = 0; i < count; i += 97) expect(found[i]).toEqual(held(taken + i));
      taken += count;
      expect(line.size).toBe(pushed - taken);
    };
    for (const [come, go] of [
      [12_000, 1_000],
      [700, 10_300],
      [25_000, 20_000],
      [1, 6_000],
      [300, 701],
    ] as const) {
      push(come);
      take(go);
    }
    expect(line.shift()).toBeUndefined();
    expect(line.size).toBe(0);
    push(3);
    take(3);
  });

  it('keeps large bodies apart from one another', () => {
    const line = new WaitingLine();
    const large = (n: number): Uint8Array => new Uint8Array(100_000).fill(n % 251);
    for (let n = 0; n < 10_050; n++) line.push(held(n, n < 10_000 ? new Uint8Array(1) : large(n)));
    for (let n = 0; n < 10_000; n++) line.shift();
    for (let n = 10_000; n < 10_050; n++)
      expect(Buffer.compare(line.shift()!.message.body, large(n))).toBe(0);
  });
});

function held(n: number, body: Uint8Array = text.encode(`{"n":${n}}`)) {
  const message: JobMessage = {
    id: `job-${n}`,
    queue: 'test.one',
    type: 'heavylift.job.test.one.v1',
    attempt: 1 + (n % 3),
    suspected: n % 2,
    release: n % 5,
    headers: { traceparent: `00-${n}`, käse: 'ja' },
    body,
  };
  return { message, sending: sendingId(message) };
}
