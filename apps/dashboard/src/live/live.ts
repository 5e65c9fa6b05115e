import type { AuditEntry } from '../api/audit.js';
import { followStream } from '../api/follow-stream.js';
import type { Health, JobCounts } from '../api/model.js';
import type { Queues } from '../api/queues.js';
import type { SchedulePage } from '../api/schedules.js';
import type { Worker } from '../api/workers.js';
import { Store } from './store.js';

/** Whether the gateway's one stream comes in: not yet, now, or no longer. */
export const link = new Store<'opening' | 'live' | 'lost'>('opening');

/** What the stream tells as it is, whole, by the names of its messages; undefined before. Nobody has to ask for it. */
export const live = {
  counts: told<JobCounts>(),
  queues: told<Queues>(),
  workers: told<{ readonly items: readonly Worker[] }>(),
  /** The first page. */
  schedules: told<SchedulePage>(),
  health: told<Health>(),
  /** The newest entry. */
  audit: told<{ readonly items: readonly AuditEntry[] }>(),
};

/** `jobs`: some changed, and their lists with them. */
export type Change = keyof typeof live | 'jobs';

const changeListeners = new Set<(change: Change | undefined) => void>();

/** Calls back at each message, and without its name after each new connection, when anything may have changed; returns how to stop that. */
export function onChange(listener: (change: Change | undefined) => void): () => void {
  changeListeners.add(listener);
  return () => void changeListeners.delete(listener);
}

/** Keeps up with the gateway until `signal` aborts. @throws {Problem} when the gateway refuses */
export async function followGateway(signal: AbortSignal): Promise<void> {
  forget();
  const onMessage = ({ event, data }: { readonly event: string; readonly data: string }): void => {
    if (isTopic(event)) live[event].set(JSON.parse(data));
    if (isTopic(event) || event === 'jobs') tell(event);
  };
  const onLink = (now: 'live' | 'connecting'): void => {
    link.set(now === 'live' ? 'live' : 'lost');
    if (now === 'live') tell(undefined);
  };
  await followStream('/v1/events', { onMessage, onLink }, signal);
}

function told<T>(): Store<T | undefined> {
  return new Store<T | undefined>(undefined);
}

/** What was told to one key is not shown with another. */
function forget(): void {
  link.set('opening');
  for (const store of Object.values(live)) store.set(undefined);
}

function isTopic(event: string): event is keyof typeof live {
  return Object.hasOwn(live, event);
}

function tell(change: Change | undefined): void {
  for (const listener of changeListeners) listener(change);
}
