import type { Asset, Job, JobLog, JobPage, Statistics } from './model.js';
import { readJson, request, sendJson } from './request.js';

/** The gateway's REST API, as far as this page needs it. Every call rejects with a `Problem`. */

export async function submitJob(type: string, payload: object): Promise<Job> {
  const response = await request('/v1/jobs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, payload }),
  });
  return (await response.json()) as Job;
}

export async function getJob(id: string, signal: AbortSignal): Promise<Job> {
  const response = await request(`/v1/jobs/${encodeURIComponent(id)}`, { signal });
  return (await response.json()) as Job;
}

/** The newest 1,000 lines that its handlers wrote. */
export function getLog(id: string, signal: AbortSignal): Promise<JobLog> {
  return readJson(`/v1/jobs/${encodeURIComponent(id)}/logs`, signal);
}

/** Ends a job that has not ended. */
export async function cancelJob(id: string): Promise<Job> {
  const response = await request(`/v1/jobs/${encodeURIComponent(id)}/cancel`, { method: 'POST' });
  return (await response.json()) as Job;
}

/** Lets a job that failed or was cancelled run anew. */
export async function retryJob(id: string): Promise<Job> {
  const response = await request(`/v1/jobs/${encodeURIComponent(id)}/retry`, { method: 'POST' });
  return (await response.json()) as Job;
}

/** Which jobs: those with all that is given. */
export interface JobSelection {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly cause?: string | undefined;
  readonly scheduleId?: string | undefined;
  /** A job's, or how it begins. */
  readonly id?: string | undefined;
}

export interface JobPageQuery extends JobSelection {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listJobs({ limit, ...filter }: JobPageQuery, signal: AbortSignal): Promise<JobPage> {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value);
  const response = await request(`/v1/jobs?${query}`, { signal });
  return (await response.json()) as JobPage;
}

/** What can be done to many jobs. */
export type BulkAction = 'cancel' | 'retry';

/** How many jobs it could be done to, and how many it was done to. */
export interface BulkAnswer {
  readonly matched: number;
  readonly done: number;
}

/** `dryRun`: only counts. */
export function doToMany(
  what: BulkAction,
  selection: JobSelection,
  { dryRun }: { readonly dryRun: boolean },
): Promise<BulkAnswer> {
  return sendJson('POST', `/v1/jobs/${what}`, { ...selection, dryRun });
}

export async function getAsset(id: string, signal?: AbortSignal): Promise<Asset> {
  const response = await request(`/v1/assets/${encodeURIComponent(id)}`, { signal: signal ?? null });
  return (await response.json()) as Asset;
}

export function contentPath(assetId: string): string {
  return `/v1/assets/${encodeURIComponent(assetId)}/content`;
}

export async function getContent(assetId: string, signal?: AbortSignal): Promise<Blob> {
  return (await request(contentPath(assetId), { signal: signal ?? null })).blob();
}

/** How it went in the last `minutes`. */
export async function getStatistics(minutes: number, signal: AbortSignal): Promise<Statistics> {
  return (await (await request(`/v1/statistics?minutes=${minutes}`, { signal })).json()) as Statistics;
}
