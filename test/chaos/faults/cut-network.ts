import { allServices, type FaultKind, servicesOf } from './fault.js';

/** Connections are reset, and no new ones come about. */
export const cutNetwork: FaultKind = {
  targets: (world) => [...allServices(world), 'network'],
  on: (world, target) => ({
    name: `cut ${target} off`,
    start: async () => servicesOf(world, target).forEach(({ network }) => network.cut()),
    stop: async () => servicesOf(world, target).forEach(({ network }) => network.heal()),
  }),
};
