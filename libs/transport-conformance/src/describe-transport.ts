import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Bench, type Cases } from './bench.js';
import { adjusting } from './cases/adjusting.js';
import { checking } from './cases/checking.js';
import { closing } from './cases/closing.js';
import { crashing } from './cases/crashing.js';
import { deadLetters } from './cases/dead-letters.js';
import { deduplicating } from './cases/deduplicating.js';
import { delaying } from './cases/delaying.js';
import { disconnecting } from './cases/disconnecting.js';
import { events } from './cases/events.js';
import { groups } from './cases/groups.js';
import { busyLanes } from './cases/busy-lanes.js';
import { lanes } from './cases/lanes.js';
import { receiving } from './cases/receiving.js';
import { restarting } from './cases/restarting.js';
import { sending } from './cases/sending.js';
import { settling } from './cases/settling.js';
import { sharing } from './cases/sharing.js';
import { signals } from './cases/signals.js';
import type { TransportHarness } from './transport-harness.js';

const caseTimeoutMs = 180_000;
const cleanupTimeoutMs = 60_000;

const always: Readonly<Record<string, Cases>> = {
  sending,
  receiving,
  sharing,
  lanes,
  busyLanes,
  adjusting,
  settling,
  delaying,
  deadLetters,
  events,
  groups,
  signals,
  crashing,
  disconnecting,
  restarting,
  checking,
  closing,
};

/**
 * Registers the promises of `Transport` as test cases for one adapter; call it at the top of a spec.
 *
 * Each case has queues of its own, so that cases are independent. A case that needs an ability which the harness lacks fails, unless
 * it is skipped with a reason.
 */
export function describeTransport(harness: TransportHarness): void {
  const all = harness.dedupes ? { ...always, deduplicating } : always;
  const skipped = new Set(harness.skip?.map((skip) => skip.case));
  describe(`${harness.name} transport`, () => {
    for (const [group, cases] of Object.entries(all)) describeCases(harness, group, cases, skipped);
    it('explains each case that it skips', () => expectExplained(harness, all));
  });
}

function describeCases(
  harness: TransportHarness,
  group: string,
  cases: Cases,
  skipped: ReadonlySet<string>,
): void {
  const kept = Object.entries(cases).filter(([sentence]) => !skipped.has(sentence));
  if (kept.length === 0) return;
  describe(group, () => {
    let bench: Bench;
    beforeEach(() => {
      bench = new Bench(harness);
    });
    afterEach(() => bench.close(), cleanupTimeoutMs);
    for (const [sentence, run] of kept) it(sentence, () => run(bench), caseTimeoutMs);
  });
}

function expectExplained(harness: TransportHarness, all: Readonly<Record<string, Cases>>): void {
  const sentences = Object.values(all).flatMap((cases) => Object.keys(cases));
  for (const skip of harness.skip ?? []) {
    expect(sentences).toContain(skip.case);
    expect(skip.reason).toMatch(/\w+ \w+/);
  }
}
