import type { Presence } from '@heavylift/core';

export function presence(over: Partial<Presence> = {}): Presence {
  return {
    name: 'video-worker@here:1',
    app: 'video-worker',
    host: 'here',
    pid: 1,
    version: '1.0.0',
    startedAt: '2030-01-01T00:00:00.000Z',
    at: '2030-01-01T00:00:05.000Z',
    state: 'running',
    jobTypes: ['video.transcode'],
    concurrency: 2,
    busy: 0,
    running: [],
    cpuPercent: 1,
    rssBytes: 2,
    eventLoopLagMs: 3,
    ...over,
  };
}
