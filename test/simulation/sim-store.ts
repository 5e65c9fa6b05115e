import type { fold } from '@heavylift/core';
import type { JobStore } from '../../apps/gateway/src/store/job-store.js';

/** The part of the store that a simulation uses, and what the checks ask of it. */
export type SimStore = Pick<
  JobStore,
  | 'accept'
  | 'project'
  | 'get'
  | 'list'
  | 'history'
  | 'findAssets'
  | 'takeUndispatched'
  | 'nextDue'
  | 'markDispatched'
  | 'releaseUndispatched'
  | 'adopt'
  | 'sendAgain'
> & {
  /** How many jobs are still to be sent. */
  undispatched(): Promise<number>;
};

/** An empty store, whose clock is given. */
export type OpenStore = (now: () => number, folding: typeof fold) => Promise<SimStore>;
