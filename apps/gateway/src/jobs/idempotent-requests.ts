import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { missingJob } from './missing-job.js';
import { Problem } from '../problems/problem.js';
import { type IdempotencyKey, type JobRecord, type JobStore, KeyTakenError } from '../store/index.js';

/** For the documentation of routes that take it. */
export const idempotencyKey = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'The same key and body again: the same jobs, not new ones. Kept for 48 hours; 410 when a job of the first request has expired meanwhile.',
};

/** A request's key, as far as it is known before its jobs are made. */
export type RequestKey = Omit<IdempotencyKey, 'jobIds'>;

/** Sees to it that requests with the same `Idempotency-Key` make their jobs once. */
export class IdempotentRequests {
  readonly #store: Pick<JobStore, 'findKey' | 'get' | 'expiredAt'>;
  readonly #inFlight = new Set<string>();

  constructor(store: Pick<JobStore, 'findKey' | 'get' | 'expiredAt'>) {
    this.#store = store;
  }

  /**
   * The jobs that an earlier request with this key made; else those that `make` makes now. `content` is what must be the same in both.
   * @throws {Problem} 400 when the key is none; 409 while the first request is under way; 410 when a job has expired; 422 when the contents differ
   */
  async once(
    request: FastifyRequest,
    content: unknown,
    make: (key?: RequestKey) => Promise<JobRecord[]>,
  ): Promise<JobRecord[]> {
    const key = keyOf(request);
    if (key === undefined) return make();
    if (this.#inFlight.has(key)) throw inProgress();
    this.#inFlight.add(key);
    try {
      return await this.#makeOrFind({ key, fingerprint: digest(canonical(content)) }, make);
    } finally {
      this.#inFlight.delete(key);
    }
  }

  async #makeOrFind(key: RequestKey, make: (key: RequestKey) => Promise<JobRecord[]>): Promise<JobRecord[]> {
    const earlier = await this.#store.findKey(key.key);
    if (earlier) return this.#jobsOf(earlier, key);
    try {
      return await make(key);
    } catch (error) {
      // Another gateway was faster.
      if (error instanceof KeyTakenError) return this.#jobsOf(error.taken, key);
      throw error;
    }
  }

  async #jobsOf(earlier: IdempotencyKey, key: RequestKey): Promise<JobRecord[]> {
    if (earlier.fingerprint !== key.fingerprint)
      throw new Problem(
        422,
        'idempotency.key_reused',
        'this Idempotency-Key was used for another request; choose a new one',
      );
    return Promise.all(earlier.jobIds.map((id) => this.#get(id)));
  }

  async #get(id: string): Promise<JobRecord> {
    const job = await this.#store.get(id);
    if (!job) throw await missingJob(this.#store, id);
    return job;
  }
}

/** Keys belong to whoever sends them, and to one route. */
function keyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(header))
    throw new Problem(
      400,
      'idempotency.invalid_key',
      'an Idempotency-Key is 1 to 255 visible ASCII characters, sent once',
    );
  return digest([request.headers.authorization ?? '', request.routeOptions.url ?? '', header].join('\n'));
}

function inProgress(): Problem {
  return new Problem(
    409,
    'idempotency.in_progress',
    'the first request with this Idempotency-Key is still under way; ask again',
    {
      headers: { 'retry-after': '1' },
    },
  );
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys: the same content is the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
