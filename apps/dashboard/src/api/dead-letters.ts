import type { Cause, DeadLetter, DeadLetterSelection, Job, Redriven } from './model.js';
import { request, sendJson } from './request.js';

export async function listCauses(signal: AbortSignal): Promise<readonly Cause[]> {
  const response = await request('/v1/dead-letters', { signal });
  return ((await response.json()) as { readonly items: readonly Cause[] }).items;
}

export async function getDeadLetter(id: string, signal: AbortSignal): Promise<DeadLetter> {
  const response = await request(`/v1/dead-letters/${encodeURIComponent(id)}`, { signal });
  return (await response.json()) as DeadLetter;
}

/** Lets one run anew, with another payload. */
export function mendAndRedrive(id: string, payload: unknown): Promise<Job> {
  return sendJson<Job>('POST', `/v1/dead-letters/${encodeURIComponent(id)}/redrive`, { payload });
}

/** `patch`: a JSON merge patch for each payload. */
export function redriveAll(
  selection: DeadLetterSelection,
  how: { readonly patch?: unknown; readonly perSecond?: number },
): Promise<Redriven> {
  return sendJson<Redriven>('POST', '/v1/dead-letters/redrive', { ...selection, ...how });
}

export function discardAll(selection: DeadLetterSelection): Promise<{ readonly discarded: number }> {
  return sendJson('POST', '/v1/dead-letters/discard', selection);
}
