import type { FaultKind } from './fault.js';

/** The broker is out of memory, and takes nothing new. */
export const memoryAlarm: FaultKind = {
  targets: ({ broker }) => (broker.operator ? ['broker'] : []),
  on: ({ broker }) => ({
    name: 'memory alarm',
    start: async () => broker.operator?.setMemoryAlarm(true),
    stop: async () => broker.operator?.setMemoryAlarm(false),
  }),
};
