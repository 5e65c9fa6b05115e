import { describe, expect, it } from '@jest/globals';
import { deedOf, detailOf, targetOf } from './describe-entry.js';

const entry = (action: string, target: string, detail: Record<string, unknown> = {}) => ({
  id: '1',
  at: '2026-01-01T00:00:00.000Z',
  who: 'ada',
  action,
  target,
  detail,
});
const id = '0190a1b2-0000-7000-8000-0123456789ab';

describe('an entry of the audit trail', () => {
  it('says what was done; what this page does not know keeps its name', () => {
    expect(deedOf(entry('queue.pause', 'image.resize'))).toBe('paused the queue');
    expect(deedOf(entry('moon.land', 'x'))).toBe('moon.land');
  });

  it.each([
    ['queue.pause', 'image.resize', {}, { text: 'image.resize', href: '#/queues' }],
    ['job.cancel', id, {}, { text: '456789ab', href: `#/jobs/${id}` }],
    ['dead-letter.redrive', id, { mended: ['a'] }, { text: '456789ab', href: `#/jobs/${id}` }],
    ['jobs.cancel', 'jobs', { status: 'queued', done: 3 }, { text: 'jobs', href: '#/jobs?status=queued' }],
    ['dead-letters.redrive', 'abc', { cause: 'abc' }, { text: 'abc', href: '#/jobs?cause=abc' }],
    ['schedule.edit', id, { name: 'nightly' }, { text: 'nightly', href: `#/schedules/${id}` }],
    ['schedule.delete', id, { name: 'nightly' }, { text: 'nightly' }],
    ['moon.land', 'x', {}, { text: 'x' }],
  ])('%s of %s leads to it', (action, target, detail, expected) => {
    expect(targetOf(entry(action, target, detail))).toEqual(expected);
  });

  it('tells its details in one line', () => {
    const detail = { patched: ['source', 'height'], perSecond: 10, perMinute: null };
    expect(detailOf(entry('a.b', 'x', detail))).toBe(
      'patched source, height · perSecond 10 · perMinute null',
    );
    expect(detailOf(entry('a.b', 'x'))).toBe('');
  });
});
