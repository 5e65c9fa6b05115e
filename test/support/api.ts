import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { waitUntil } from '@heavylift/test-servers';

export interface Job {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly progress: { readonly percent: number };
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly payload: unknown;
  readonly result: unknown;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean };
}

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

const finalStatuses = ['succeeded', 'failed', 'cancelled'];
const unfinishedStatuses = ['scheduled', 'queued', 'retrying', 'running'];

/** The gateway as a client sees it. */
export class Api {
  constructor(public url: string) {}

  async call<T = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(body !== undefined && !isForm && !headers['content-type']
          ? { 'content-type': 'application/json' }
          : {}),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : parse(text)) as T,
    };
  }

  get<T = unknown>(path: string): Promise<Answer<T>> {
    return this.call<T>('GET', path);
  }

  post<T = Job>(path: string, body: unknown): Promise<Answer<T>> {
    return this.call<T>('POST', path, body);
  }

  /** A form with a file and other fields. */
  async postFile<T = Job>(
    path: string,
    file: string,
    fields: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([await readFile(file)]), basename(file));
    return this.call<T>('POST', path, form);
  }

  async bytes(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: Buffer }> {
    const response = await fetch(this.url + path, { headers });
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    };
  }

  /** The job once it is final. */
  async finished(id: string, limitMs = 120_000): Promise<Job> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const { body } = await this.get<Job>(`/v1/jobs/${id}`);
      if (finalStatuses.includes(body.status)) return body;
      if (Date.now() > deadline)
        throw new Error(`job ${id} is still ${body.status} after ${limitMs} ms: ${JSON.stringify(body)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** How many jobs have this status, counted up to 100. */
  async count(status: string): Promise<number> {
    return (await this.get<{ items: Job[] }>(`/v1/jobs?status=${status}&limit=100`)).body.items.length;
  }

  /** The ids of all jobs, or of those with this status. */
  async idsOf(status?: string): Promise<Set<string>> {
    const ids = new Set<string>();
    const filter = status ? `&status=${status}` : '';
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page: Answer<{ items: Job[]; nextCursor?: string }> = await this.get(
        `/v1/jobs?limit=100${filter}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { id } of page.body.items) ids.add(id);
      cursor = page.body.nextCursor ?? undefined;
    }
    return ids;
  }

  /** Resolves once no job is on its way any more. */
  async allFinished(limitMs = 120_000): Promise<void> {
    const none = async (): Promise<boolean> => {
      for (const status of unfinishedStatuses) if ((await this.count(status)) > 0) return false;
      return true;
    };
    await waitUntil('all jobs final', none, { timeoutMs: limitMs, everyMs: 200 });
  }

  /** The kinds of the events on the job's stream, until its end. */
  async follow(
    id: string,
    headers: Record<string, string> = {},
  ): Promise<{ kinds: string[]; ids: number[] }> {
    const { body } = await this.bytes(`/v1/jobs/${id}/events`, headers);
    const text = body.toString();
    return {
      kinds: [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]!),
      ids: [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1])),
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the test sees the text as it is.
    return text;
  }
}
