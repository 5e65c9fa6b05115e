export const priorities = ['high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** The queue of a job type's lane: `video.transcode.high`, `video.transcode`, `video.transcode.low`. */
export function laneOf(jobType: string, priority: Priority): string {
  return priority === 'normal' ? jobType : `${jobType}.${priority}`;
}

/** The lanes of job types as tiers, the first to go first. */
export function tiersOf(jobTypes: readonly string[]): readonly (readonly string[])[] {
  return priorities.map((priority) => jobTypes.map((jobType) => laneOf(jobType, priority)));
}

/** The lanes of a job type as queues: their dead letters lie in one place, under the job type's name. */
export function queuesOf(jobType: string): { readonly name: string; readonly deadLetters: string }[] {
  return priorities.map((priority) => ({ name: laneOf(jobType, priority), deadLetters: jobType }));
}
