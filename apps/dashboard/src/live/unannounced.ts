/**
 * How often what the live stream says nothing of is read again: it tells of jobs alone, while workers speak every five seconds, and queues and
 * schedules are paused by others too.
 */
export const unannouncedMs = 5_000;
