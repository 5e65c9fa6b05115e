import { TransportError } from '@heavylift/core';
import { Call, type Server } from './call.js';
import { type CallPoint, FaultPlan } from './fault-plan.js';
import { Ledger } from './ledger.js';
import type { Scenario } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { type SimProcess } from './sim-process.js';
import { VirtualTime } from './virtual-time.js';

/** Time, chance, faults and the wire between processes. */
export class World {
  readonly scenario: Scenario;
  readonly random: SeededRandom;
  readonly time: VirtualTime;
  readonly ledger = new Ledger();
  readonly faults: FaultPlan;
  readonly #streams = new Map<string, SeededRandom>();

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    this.random = new SeededRandom(scenario.seed);
    this.time = new VirtualTime(this.random);
    this.faults = new FaultPlan(scenario.faults);
  }

  /** A stream of chance that goes on from call to call. */
  chances(name: string): SeededRandom {
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = this.random.named(name)));
    return stream;
  }

  /** How long one trip takes; each kind of trip has its own chances. */
  latencyMs(of: string): number {
    const random = this.chances(of);
    return random.chance(0.05) ? random.next() * 100 : 0.2 + random.next() * 8;
  }

  note(line: string): void {
    this.ledger.note(`${this.time.elapsed.toFixed(1)} ${line}`);
  }

  /** `from` asks `server` to do something. What can go wrong on the way there, there, and on the way back, is in the plan. */
  call<T>(from: SimProcess, point: CallPoint, server: Server, execute: () => T | Promise<T>): Promise<T> {
    const fault = this.faults.atCall(point);
    this.note(`${from.name} ${point}${fault ? ` ! ${fault.kind} ${fault.ms}` : ''}`);
    return new Call(this, { from, point, server, execute }, fault).answer();
  }

  /** Something reaches a process unasked; a cut of the network only delays it. */
  push(to: SimProcess, what: string, arrive: () => unknown): void {
    const waitMs = Math.max(0, to.cutUntil - this.time.now);
    const check = (): unknown => (to.cutUntil > this.time.now ? this.push(to, what, arrive) : arrive());
    this.time.after(waitMs + this.latencyMs(what), check, to);
  }
}

export function brokerFailure(why: string): TransportError {
  return new TransportError('broker.unavailable', `the simulated broker did not confirm: ${why}`);
}
