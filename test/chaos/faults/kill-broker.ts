import type { FaultKind } from './fault.js';

export const killBroker: FaultKind = {
  targets: () => ['broker'],
  on: ({ broker }) => ({
    name: `kill -9 ${broker.kind}`,
    start: () => broker.kill(),
    stop: () => broker.start(),
  }),
};
