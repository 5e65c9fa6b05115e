import type { World } from '../world.js';

/** Something that goes wrong, from `start` until `stop`. */
export interface Fault {
  /** What it is, and with whom. */
  readonly name: string;
  start(): Promise<void>;
  /** Makes it good again; idempotent, and good too for a fault that only half started. */
  stop(): Promise<void>;
}

/** A kind of fault. Two faults at a time have different targets. */
export interface FaultKind {
  /** What it can hit: names of services, `broker`, or `network`, which is all of the network. */
  targets(world: World): readonly string[];
  on(world: World, target: string): Fault;
}

/** Whom a fault hits. */
export function servicesOf(world: World, target: string): World['services'] {
  if (target === 'network') return world.services;
  return world.services.filter(({ name }) => name === target);
}

export function allServices(world: World): readonly string[] {
  return world.services.map(({ name }) => name);
}
