import { allServices, type FaultKind, servicesOf } from './fault.js';

/** SIGTERM, and a new one once it has gone. */
export const deploy: FaultKind = {
  targets: allServices,
  on: (world, target) => ({
    name: `deploy ${target}`,
    start: async () => void (await Promise.all(servicesOf(world, target).map((one) => one.stop()))),
    stop: async () => void (await Promise.all(servicesOf(world, target).map((one) => one.start()))),
  }),
};
