import { sendJson } from './request.js';

/** A queue, as the live stream tells it. */
export interface Queue {
  /** The job type. */
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  /** `null` while the broker is away. */
  readonly deadLettered: number | null;
  readonly workers: number;
  readonly paused: boolean;
  readonly ratePerMinute: number | null;
  /** Since when the first in line waits, ISO 8601. */
  readonly oldestAt: string | null;
}

export interface Queues {
  readonly items: readonly Queue[];
  readonly broker: 'up' | 'away';
}

export function pauseQueue(name: string): Promise<Queue> {
  return sendJson('POST', `${pathOf(name)}/pause`);
}

export function resumeQueue(name: string): Promise<Queue> {
  return sendJson('POST', `${pathOf(name)}/resume`);
}

/** `null`: no limit. */
export function limitQueue(name: string, perMinute: number | null): Promise<Queue> {
  return sendJson('PUT', `${pathOf(name)}/rate`, { perMinute });
}

/** `confirm`: the name as it was typed. */
export function purgeQueue(name: string, confirm: string): Promise<{ readonly cancelled: number }> {
  return sendJson('POST', `${pathOf(name)}/purge`, { confirm });
}

function pathOf(name: string): string {
  return `/v1/queues/${encodeURIComponent(name)}`;
}
