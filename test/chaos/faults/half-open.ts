import type { Way } from '../chaos-proxy.js';
import { allServices, type FaultKind, servicesOf } from './fault.js';

/** Bytes are lost, in one direction or both, and the connections stay open: only silence tells. */
export function halfOpen(ways: readonly Way[]): FaultKind {
  return {
    targets: (world) => [...allServices(world), 'network'],
    on: (world, target) => ({
      name: `${target} half-open, deaf ${ways.join(' and ')}`,
      start: async () => servicesOf(world, target).forEach(({ network }) => network.deafen(ways)),
      stop: async () => servicesOf(world, target).forEach(({ network }) => network.heal()),
    }),
  };
}
