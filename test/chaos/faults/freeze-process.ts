import { allServices, type FaultKind, servicesOf } from './fault.js';

/** SIGSTOP, then SIGCONT: it knows nothing of the time between. */
export const freezeProcess: FaultKind = {
  targets: allServices,
  on: (world, target) => ({
    name: `freeze ${target}`,
    start: async () => servicesOf(world, target).forEach((one) => one.freeze()),
    stop: async () => servicesOf(world, target).forEach((one) => one.thaw()),
  }),
};
