import { allServices, type FaultKind, servicesOf } from './fault.js';

/** `kill -9`, and a new one after a while. */
export const killProcess: FaultKind = {
  targets: allServices,
  on: (world, target) => ({
    name: `kill -9 ${target}`,
    start: async () => void (await Promise.all(servicesOf(world, target).map((one) => one.kill()))),
    stop: async () => void (await Promise.all(servicesOf(world, target).map((one) => one.start()))),
  }),
};
