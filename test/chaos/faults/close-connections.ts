import type { FaultKind } from './fault.js';

/** An operator closes all connections at once; where the broker has no such command, the network does. */
export const closeConnections: FaultKind = {
  targets: () => ['broker'],
  on: ({ broker, services }) => ({
    name: 'close all connections',
    start: async () => {
      if (broker.operator) await broker.operator.closeConnections();
      else for (const { network } of services) network.reset();
    },
    stop: async () => {},
  }),
};
