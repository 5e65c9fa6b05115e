import { closeConnections } from './close-connections.js';
import { cutNetwork } from './cut-network.js';
import { deploy } from './deploy.js';
import type { FaultKind } from './fault.js';
import { freezeProcess } from './freeze-process.js';
import { halfOpen } from './half-open.js';
import { killBroker } from './kill-broker.js';
import { killProcess } from './kill-process.js';
import { memoryAlarm } from './memory-alarm.js';
import { slowNetwork } from './slow-network.js';

export type { Fault, FaultKind } from './fault.js';

export const faultKinds = {
  killProcess,
  freezeProcess,
  deploy,
  killBroker,
  closeConnections,
  memoryAlarm,
  cutNetwork,
  slowNetwork,
  halfOpen: halfOpen(['up', 'down']),
  deafUp: halfOpen(['up']),
  deafDown: halfOpen(['down']),
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof faultKinds;
