import type { JobView } from '../jobs/job-view.js';

/** A job as lists show it. */
export type JobLine = Omit<JobView, 'payload' | 'result'>;

/** Jobs that changed. */
export interface ChangedJobs {
  readonly items: readonly JobLine[];
  /** Others changed as well. */
  readonly more: boolean;
}

/** What has a present state, which is told as a whole. */
export const liveTopics = ['counts', 'queues', 'workers', 'schedules', 'health', 'audit'] as const;
export type LiveTopic = (typeof liveTopics)[number];

/** What `GET /v1/events` tells. */
export type LiveMessage =
  | { readonly event: 'jobs'; readonly data: ChangedJobs }
  | { readonly event: LiveTopic; readonly data: unknown };

/** More at once no list shows. */
export const mostJobs = 200;
