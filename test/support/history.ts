import { waitUntil } from '@heavylift/test-servers';
import type { Api } from './api.js';

/** One event of a job's history. */
export interface Happened {
  readonly kind: string;
  /** ISO 8601. */
  readonly at: string;
  readonly attempt: number;
  readonly worker: string | null;
  readonly nextAttemptAt?: string;
  /** Of an outcome that came too late to count. */
  readonly late?: boolean;
  readonly error?: { readonly code: string; readonly message: string; readonly stack?: string };
}

/** What happened to a job, without its progress. */
export async function historyOf(api: Api, id: string): Promise<Happened[]> {
  const { body } = await api.get<{ items: Happened[] }>(`/v1/jobs/${id}/history`);
  return body.items.filter(({ kind }) => kind !== 'progressed');
}

/** The runs that began, in their order. */
export async function startsOf(api: Api, id: string): Promise<Happened[]> {
  return (await historyOf(api, id)).filter(({ kind }) => kind === 'started');
}

/** The last of `times` runs, once so many have begun. */
export async function untilStarted(
  api: Api,
  id: string,
  times: number,
  timeoutMs = 120_000,
): Promise<Happened> {
  const begun = async (): Promise<boolean> => (await startsOf(api, id)).length >= times;
  await waitUntil(`run ${times} of job ${id}`, begun, { timeoutMs });
  return (await startsOf(api, id))[times - 1]!;
}
