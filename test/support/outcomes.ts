import type { Api, Job } from './api.js';

const finalKinds = ['succeeded', 'failed', 'cancelled'];
const atOnce = 8;

interface HistoryItem {
  readonly kind: string;
  readonly attempt: number;
  readonly late?: true;
}

/** What became of a job: its status, and what its history says of its end. */
export interface Outcome {
  readonly job: Job;
  /** The final events in its history that did not come late: exactly one, when all is well. */
  readonly ends: readonly string[];
}

/** Waits for the end of each job, and reads its history. */
export async function outcomesOf(api: Api, ids: readonly string[]): Promise<Outcome[]> {
  const waiting = [...ids];
  const found: Outcome[] = [];
  const reader = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) found.push(await outcomeOf(api, id));
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return found;
}

async function outcomeOf(api: Api, id: string): Promise<Outcome> {
  const job = await api.finished(id);
  const history = await api.get<{ items: HistoryItem[] }>(`/v1/jobs/${id}/history`);
  const kinds = history.body.items.filter(({ late }) => !late).map(({ kind }) => kind);
  return { job, ends: kinds.filter((kind) => finalKinds.includes(kind)) };
}

/** How many jobs ended how, like `{ 'succeeded: succeeded': 1000 }`: the status, and the final events of the history. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { job, ends } of outcomes) {
    const end = `${job.status}: ${ends.join(', ')}`;
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
}

/** The tally of `count` jobs that each succeeded, with one `succeeded` event. */
export function allSucceededOnce(count: number): Record<string, number> {
  return { 'succeeded: succeeded': count };
}
