import { describe, expect, it, jest } from '@jest/globals';
import { virtualSleep } from './virtual-globals.js';

jest.unstable_mockModule('node:timers/promises', () => ({ setTimeout: virtualSleep }));
const { firstCaught } = await import('./hunt.js');
const { brokenVariants } = await import('./variants.js');

const seeds = { from: 1, count: 20_000 };

describe('the simulation notices when', () => {
  it.each(Object.entries(brokenVariants))(
    '%s',
    async (_, variant) => {
      const caught = await firstCaught(seeds, variant);
      expect(caught?.violations.length ?? 0).toBeGreaterThan(0);
    },
    120_000,
  );
});
