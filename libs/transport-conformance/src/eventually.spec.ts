import { describe, expect, it } from '@jest/globals';
import { eventually, holds } from './eventually.js';

describe('eventually', () => {
  it('answers with what the assertion gives once it passes', async () => {
    let tries = 0;
    const answer = await eventually(() => {
      if (++tries < 3) throw new Error('not yet');
      return tries;
    }, 30_000);
    expect(answer).toBe(3);
  });

  it('throws the last error of the assertion after the deadline', async () => {
    const never = eventually(() => Promise.reject(new Error('never')), 50);
    await expect(never).rejects.toThrow('never');
  });
});

describe('holds', () => {
  it('throws when the assertion fails meanwhile', async () => {
    let tries = 0;
    await expect(holds(() => expect(++tries).toBeLessThan(3), 5_000)).rejects.toThrow();
  });

  it('tries once more at the end', async () => {
    let tries = 0;
    await holds(() => void tries++, 0);
    expect(tries).toBe(1);
  });
});
