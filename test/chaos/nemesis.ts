import { setTimeout as pause } from 'node:timers/promises';
import { waitUntil } from '@heavylift/test-servers';
import { faultKinds } from './faults/index.js';
import type { History } from './history.js';
import type { FaultWindow, PlannedFault } from './plan.js';
import type { Client } from './workload/client.js';
import { probeWish } from './workload/wish.js';
import type { World } from './world.js';

export interface NemesisOptions {
  readonly world: World;
  readonly history: History;
  /** Posts the jobs that show whether the system works again. */
  readonly prober: Client;
  readonly plan: Iterator<FaultWindow, never>;
  readonly tell: (what: string) => void;
}

/** How long the system may take until it works again; far more than it needs, for machines that are busy. */
const recoveryMs = 120_000;
/** After a fault has ended, who was hit may still believe for a moment that all is well. */
const noticeMs = 1_000;

/** Brings about what the plan says, window after window, and after each waits until the system works again. */
export class Nemesis {
  readonly #options: NemesisOptions;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  /** The window in which `until` comes is played to its end, so that nothing is broken when this resolves. */
  async work(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const window = this.#options.plan.next().value;
      const { faults, number } = window;
      await Promise.all(faults.map((planned) => this.#bring(planned, number)));
      await this.#recovery(window);
      await pause(window.peaceMs);
    }
  }

  async #bring({ kind, target, afterMs, forMs }: PlannedFault, window: number): Promise<void> {
    const { history, world, tell } = this.#options;
    const fault = faultKinds[kind].on(world, target);
    await pause(afterMs);
    tell(`${fault.name} for ${(forMs / 1_000).toFixed(1)} s`);
    history.write({ op: 'fault', phase: 'begins', fault: fault.name, window });
    try {
      await fault.start();
      await pause(forMs);
      await fault.stop();
    } catch (error) {
      // The run is worth nothing from here on, but the other faults have to come to their end.
      history.write({ op: 'wrong', what: `${fault.name} could not be played: ${String(error)}` });
    }
    history.write({ op: 'fault', phase: 'ends', fault: fault.name, window });
  }

  async #recovery({ number, faults }: FaultWindow): Promise<void> {
    const { history, world, prober } = this.#options;
    const begun = Date.now();
    const whole = `window ${number}: ${faults.map(({ kind, target }) => `${kind} ${target}`).join(', ')}`;
    try {
      await pause(noticeMs);
      const ready = world.services.map((one) =>
        waitUntil(`${one.name} ready`, () => one.isReady(), { timeoutMs: recoveryMs }),
      );
      await Promise.all(ready);
      const id = await prober.post(probeWish(`probe-${number}`, world.sources));
      await prober.finished(id, Math.max(1_000, recoveryMs - (Date.now() - begun)));
    } catch (error) {
      history.write({
        op: 'wrong',
        what: `no recovery within ${recoveryMs} ms after ${whole}: ${String(error)}`,
      });
    }
    for (const { kind, target } of faults) {
      const { name } = faultKinds[kind].on(world, target);
      history.write({ op: 'fault', phase: 'over', fault: name, window: number });
    }
  }
}
