import type { End, FinalJob, Told } from '../end.js';
import type { Line } from '../history.js';
import { type Kind, probeWish, type Wish } from '../workload/wish.js';

const noon = Date.parse('2030-01-31T12:00:00Z');

/** The moment so many seconds after the run's begin. */
export function at(seconds: number): number {
  return noon + seconds * 1_000;
}

export interface Run {
  readonly lines: Line[];
  readonly end: End & { readonly jobs: FinalJob[]; readonly deadLetters: string[] };
}

/**
 * A small run in which nothing is broken: `good` succeeded, posted twice with one key; `bad` failed and is a dead letter; `gone` was cancelled while it
 * waited; `one` and `two` came as a batch; `late` was delayed by two seconds. There was one fault, from second 20 to 30.
 */
export function soundRun(): Run {
  const lines: Line[] = [
    ...posted({ seconds: 1, post: 'good', key: 'key-good', ids: ['job-good'] }),
    ...posted({ seconds: 2, post: 'good', key: 'key-good', ids: ['job-good'] }),
    { at: at(3), op: 'fetch', tag: 'good' },
    { at: at(6), op: 'look', id: 'job-good', status: 'succeeded', askedAt: at(6) },
    ...posted({ seconds: 1, post: 'bad', kind: 'missing', ids: ['job-bad'] }),
    { at: at(3), op: 'fetch', tag: 'bad' },
    ...posted({ seconds: 4, post: 'gone', ids: ['job-gone'] }),
    { at: at(5), op: 'cancel', phase: 'asked', id: 'job-gone' },
    { at: at(5), op: 'cancel', phase: 'cancelled', id: 'job-gone' },
    ...posted({ seconds: 1, post: 'pair', tags: ['one', 'two'], ids: ['job-one', 'job-two'] }),
    { at: at(3), op: 'fetch', tag: 'one' },
    { at: at(3), op: 'fetch', tag: 'two' },
    ...posted({ seconds: 1, post: 'late', delaySeconds: 2, ids: ['job-late'] }),
    { at: at(3), op: 'fetch', tag: 'late' },
    { at: at(20), op: 'fault', phase: 'begins', fault: 'kill -9 broker', window: 1 },
    { at: at(22), op: 'fault', phase: 'ends', fault: 'kill -9 broker', window: 1 },
    { at: at(30), op: 'fault', phase: 'over', fault: 'kill -9 broker', window: 1 },
  ];
  const jobs = [
    job({ tag: 'good' }),
    job({ tag: 'bad', status: 'failed', code: 'source.not_found' }),
    job({ tag: 'gone', status: 'cancelled', finishedAt: at(5), started: false }),
    job({ tag: 'one' }),
    job({ tag: 'two' }),
    job({ tag: 'late' }),
  ];
  return {
    lines,
    end: { jobs, deadLetters: ['job-bad'], left: {}, complaints: [], peakMiB: { gateway: 90 } },
  };
}

function posted(options: {
  readonly seconds: number;
  readonly post: string;
  readonly ids: readonly string[];
  readonly tags?: readonly string[];
  readonly kind?: Kind;
  readonly key?: string;
  readonly delaySeconds?: number;
}): Line[] {
  const { seconds, post, ids, kind = 'quick', key, delaySeconds } = options;
  const wishes = (options.tags ?? [post]).map((tag): Wish => {
    const wish = probeWish(tag, { url: 'http://sources', asset: 'asset' });
    return { ...wish, kind, options: { priority: 'normal', ...(delaySeconds ? { delaySeconds } : {}) } };
  });
  return [
    { at: at(seconds), op: 'post', phase: 'asked', post, wishes, ...(key ? { key } : {}) },
    { at: at(seconds), op: 'post', phase: 'accepted', post, ids },
  ];
}

function job(options: {
  readonly tag: string;
  readonly status?: string;
  readonly code?: string;
  readonly finishedAt?: number;
  readonly started?: boolean;
}): FinalJob {
  const { tag, status = 'succeeded', code, finishedAt = at(4), started = true } = options;
  const error = code ? { error: { code } } : {};
  return {
    id: `job-${tag}`,
    tag,
    status,
    maxAttempts: 3,
    attempt: started ? 1 : 0,
    createdAt: iso(at(1)),
    finishedAt: iso(finishedAt),
    ...error,
    history: [
      told('queued', at(1), 0),
      ...(started ? [told('started', at(3))] : []),
      { ...told(status, finishedAt), ...error },
    ],
  };
}

export function told(kind: string, moment: number, attempt = 1): Told {
  return { kind, at: iso(moment), attempt };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
