import { allServices, type FaultKind, servicesOf } from './fault.js';

const lagMs = 150;

export const slowNetwork: FaultKind = {
  targets: (world) => [...allServices(world), 'network'],
  on: (world, target) => ({
    name: `slow network of ${target}`,
    start: async () => servicesOf(world, target).forEach(({ network }) => network.slowDown(lagMs)),
    stop: async () => servicesOf(world, target).forEach(({ network }) => network.heal()),
  }),
};
