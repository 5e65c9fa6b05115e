import { v7 as uuidv7 } from 'uuid';
import type { ScheduleRecord } from './schedule-book.js';

export function newSchedule(overrides: Partial<ScheduleRecord> = {}): ScheduleRecord {
  const id = uuidv7();
  const now = new Date().toISOString();
  return {
    id,
    name: `schedule ${id}`,
    cron: '* * * * * *',
    timezone: 'UTC',
    type: 'video.transcode',
    payload: { source: 'https://example.com/a.mp4', format: 'mp4' },
    options: {},
    catchUp: 'all',
    paused: false,
    createdAt: now,
    updatedAt: now,
    nextRunAt: now,
    ...overrides,
  };
}
