import {
  fold,
  type Listener,
  type Settlement,
  type Transport,
  type WorkerEnvironment,
} from '@heavylift/core';
import { openMemoryStore } from './memory-store.js';
import { followSettlement, type Settling } from './settling.js';
import type { OpenStore } from './sim-store.js';

/** What a variant may replace, to show that the checks would notice. */
export interface Pieces {
  readonly fold: typeof fold;
  readonly openStore: OpenStore;
  /** How a delivery's end is brought to the broker. */
  readonly settle: (settling: Settling, settlement: Settlement) => Promise<void>;
  /** What a process that throws comes to. */
  readonly afterThrow: Settlement;
  readonly listening: (listener: Listener) => Listener;
  readonly sending: (send: Transport['send']) => Transport['send'];
  readonly telling: (publish: WorkerEnvironment['publish']) => WorkerEnvironment['publish'];
}

export const sound: Pieces = {
  fold,
  openStore: openMemoryStore,
  settle: followSettlement,
  afterThrow: { kind: 'release' },
  listening: (listener) => listener,
  sending: (send) => send,
  telling: (publish) => publish,
};
