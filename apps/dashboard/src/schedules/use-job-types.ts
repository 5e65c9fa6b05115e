import { live } from '../live/live.js';
import { useStore } from '../live/store.js';

/** The job types that the gateway takes; none until it has said so. */
export function useJobTypes(): readonly string[] {
  return useStore(live.queues)?.items.map(({ name }) => name) ?? [];
}
