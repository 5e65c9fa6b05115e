import type { JobState } from '@heavylift/core';
import type { StoredEvent } from './job-store.js';

/** How much of a job's history somebody has heard. */
export interface Place {
  readonly jobId: string;
  /** The number of the last event; 0 before the first. */
  readonly after: number;
}

/** What somebody at a place has not heard. */
export interface News extends Place {
  /** In the order in which they were recorded: a hundred at most. */
  readonly events: readonly StoredEvent[];
  /** The job as it stands after these; absent when there are more. */
  readonly job?: JobState;
}

/** What those who follow jobs ask. */
export interface FollowBook {
  /** Of many places at once: nothing of where all is heard and the job has not ended. `missing` are jobs that are not in the store. */
  news(
    places: readonly Place[],
  ): Promise<{ readonly news: readonly News[]; readonly missing: readonly string[] }>;
}
