import { readJson } from './request.js';

/** One thing that somebody did, as `GET /v1/audit` gives it. */
export interface AuditEntry {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The name of an API key. */
  readonly who: string;
  /** Like `queue.pause`. */
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface AuditPage {
  readonly items: readonly AuditEntry[];
  readonly nextCursor?: string | undefined;
}

/** The newest `pages` pages as one. */
export async function listAudit(pages: number, signal: AbortSignal): Promise<AuditPage> {
  const items: AuditEntry[] = [];
  let cursor: string | undefined;
  for (let read = 0; read < pages; read++) {
    const query: string = cursor ? `?${new URLSearchParams({ cursor })}` : '';
    const page = await readJson<AuditPage>(`/v1/audit${query}`, signal);
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  return { items, nextCursor: cursor };
}
