import type { AuditEntry } from '../api/audit.js';
import { shortId } from '../format.js';
import { href, jobHref } from '../ui/route.js';

/** What was done, in a few words; an action that this page does not know keeps its own name. */
export function deedOf({ action }: AuditEntry): string {
  return deeds[action] ?? action;
}

const deeds: Readonly<Record<string, string>> = {
  'queue.pause': 'paused the queue',
  'queue.resume': 'resumed the queue',
  'queue.rate': 'set the rate of the queue',
  'queue.purge': 'purged the queue',
  'worker.drain': 'drained the worker',
  'worker.resume': 'resumed the worker',
  'worker.resize': 'resized the worker',
  'job.cancel': 'cancelled the job',
  'job.retry': 'retried the job',
  'jobs.cancel': 'cancelled many jobs',
  'jobs.retry': 'retried many jobs',
  'dead-letter.redrive': 'redrove the dead letter',
  'dead-letter.discard': 'discarded the dead letter',
  'dead-letters.redrive': 'redrove dead letters',
  'dead-letters.discard': 'discarded dead letters',
  'schedule.create': 'made the schedule',
  'schedule.edit': 'changed the schedule',
  'schedule.delete': 'deleted the schedule',
  'schedule.pause': 'paused the schedule',
  'schedule.resume': 'resumed the schedule',
  'schedule.run': 'ran the schedule',
};

export interface Target {
  readonly text: string;
  /** Where it is shown; none for what is gone. */
  readonly href?: string;
}

/** What it was done to. */
export function targetOf(entry: AuditEntry): Target {
  const { action, target, detail } = entry;
  const [kind] = action.split('.', 1);
  switch (kind) {
    case 'queue':
      return { text: target, href: href(['queues']) };
    case 'worker':
      return { text: target, href: href(['workers']) };
    case 'job':
    case 'dead-letter':
      return { text: shortId(target), href: jobHref(target) };
    case 'jobs':
    case 'dead-letters':
      return { text: target, href: href(['jobs'], filterOf(detail)) };
    case 'schedule': {
      const text = textOf(detail.name) || shortId(target);
      return action === 'schedule.delete' ? { text } : { text, href: href(['schedules', target]) };
    }
    default:
      return { text: target };
  }
}

/** The rest that is known of it, like `perSecond 10 · redriven 200`. */
export function detailOf({ detail }: AuditEntry): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${textOf(value)}`)
    .join(' · ');
}

function filterOf(detail: AuditEntry['detail']): Record<string, string> {
  const names = ['status', 'type', 'cause', 'scheduleId', 'id'];
  return Object.fromEntries(names.map((name) => [name, textOf(detail[name] ?? '')]));
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
