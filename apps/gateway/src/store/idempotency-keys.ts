import type { Kysely } from 'kysely';
import { inChunks } from './in-chunks.js';
import type { IdempotencyKeyRow, Tables } from './tables.js';

/** A client's name for a request, so that a second one with it makes no second job. */
export interface IdempotencyKey {
  readonly key: string;
  /** Tells one request body from another. */
  readonly fingerprint: string;
  /** The jobs that the request made. */
  readonly jobIds: readonly string[];
}

/** The key is in use for an earlier request. */
export class KeyTakenError extends Error {
  override readonly name = 'KeyTakenError';

  constructor(readonly taken: IdempotencyKey) {
    super('the idempotency key is in use for an earlier request');
  }
}

/**
 * Takes keys, inside the transaction that accepts their jobs. One that this very request took before, in a commit whose end was unclear, is its own.
 * @throws {KeyTakenError}
 */
export async function takeKeys(
  db: Kysely<Tables>,
  keys: readonly IdempotencyKey[],
  now: number,
): Promise<void> {
  for (const chunk of inChunks(keys, 4)) {
    const rows = chunk.map((one) => ({ ...rowOf(one), created_at: now }));
    await db
      .insertInto('idempotency_keys')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const stored = await db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where(
        'key',
        'in',
        chunk.map(({ key }) => key),
      )
      .execute();
    for (const row of stored)
      if (!rows.some((own) => own.key === row.key && own.job_ids === row.job_ids))
        throw new KeyTakenError(keyOf(row));
  }
}

export async function findKey(db: Kysely<Tables>, key: string): Promise<IdempotencyKey | undefined> {
  const row = await db.selectFrom('idempotency_keys').selectAll().where('key', '=', key).executeTakeFirst();
  return row && keyOf(row);
}

/** Forgets keys taken before `before`, in milliseconds since 1970; says how many. */
export async function forgetKeys(db: Kysely<Tables>, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

type Row = Omit<IdempotencyKeyRow, 'created_at'>;

function rowOf({ key, fingerprint, jobIds }: IdempotencyKey): Row {
  return { key, fingerprint, job_ids: JSON.stringify(jobIds) };
}

function keyOf({ key, fingerprint, job_ids }: Row): IdempotencyKey {
  return { key, fingerprint, jobIds: JSON.parse(job_ids) as string[] };
}
