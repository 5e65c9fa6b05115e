import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import type { Scenario, WorldKind } from './scenario.js';
import { virtualSleep } from './virtual-globals.js';

jest.unstable_mockModule('node:timers/promises', () => ({ setTimeout: virtualSleep }));
const { brokenAmong, reportOf, scenarioNamed } = await import('./hunt.js');
const { sound } = await import('./pieces.js');
const { scenarioOf } = await import('./scenario.js');
const { simulate } = await import('./simulate.js');
const { sqlStores } = await import('./sql-store.js');

interface Regression {
  readonly what: string;
  readonly scenario: Scenario;
}

const regressions = JSON.parse(
  readFileSync(join(import.meta.dirname, 'regressions.json'), 'utf8'),
) as Regression[];

/** In parts, so that the log shows how far it is: 10,000 by default, `npm run simulation` plays 100,000. */
const factor = Number(process.env.SIMULATION_FACTOR ?? 1);
const parts: readonly (readonly [WorldKind, number, number])[] = [
  ['broker', 1, 3_500],
  ['broker', 1_000_001, 3_000],
  ['embedded', 1, 1_500],
  ['replaced', 1, 1_500],
  ['blank', 1, 500],
];
const limitMs = 240_000 * Math.max(1, factor);
const replayed = process.env.SIMULATION_REPLAY;

async function replay(name: string): Promise<void> {
  const { scenario, trace, violations } = await simulate(scenarioNamed(name));
  process.stdout.write([JSON.stringify(scenario, null, 2), ...trace, ...violations, ''].join('\n'));
  expect(violations).toEqual([]);
}

if (replayed) {
  it('plays one scenario again', () => replay(replayed));
} else {
  describe('in a simulated world with faults, no job is lost or ends twice:', () => {
    it.each(parts)(
      '%s, seeds from %i, %i of them',
      async (kind, from, count) => {
        const broken = await brokenAmong(kind, { from, count: count * factor });
        const reports = await Promise.all(broken.slice(0, 1).map(reportOf));
        expect(reports.join('\n')).toBe('');
      },
      limitMs,
    );
  });

  describe('a plan that once broke something', () => {
    it.each(regressions.map(({ what, scenario }) => [what, scenario] as const))(
      'no longer does: %s',
      async (_, scenario) => {
        expect((await simulate(scenario)).violations).toEqual([]);
      },
    );
  });

  describe('the simulation', () => {
    it('plays a scenario the same way each time', async () => {
      const first = await simulate(scenarioOf(7, 'broker'));
      expect((await simulate(scenarioOf(7, 'broker'))).trace).toEqual(first.trace);
      expect((await simulate(scenarioOf(8, 'broker'))).trace).not.toEqual(first.trace);
    });

    it('plays a scenario without faults without a run too many', async () => {
      const { trace, violations } = await simulate({ ...scenarioOf(7, 'broker'), faults: [] });
      expect(violations).toEqual([]);
      expect(trace.join('\n')).not.toContain('!');
    });
  });

  describe('the SQL store', () => {
    let stores: Awaited<ReturnType<typeof sqlStores>> | undefined;
    afterAll(() => stores?.close());

    it.each(['broker', 'embedded', 'replaced', 'blank'] as const)(
      'does the same as the simulated one: %s',
      async (kind) => {
        stores ??= await sqlStores();
        for (let seed = 1; seed <= 30; seed++) {
          const scenario = scenarioOf(seed, kind);
          const { trace } = await simulate(scenario, { ...sound, openStore: stores.open });
          expect([seed, ...trace]).toEqual([seed, ...(await simulate(scenario)).trace]);
        }
      },
      120_000,
    );
  });
}
