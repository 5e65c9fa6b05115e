import { Problem } from '../problems/problem.js';
import type { JobStore } from '../store/index.js';

/** Why a job is not there: 410 when it has expired, 404 when there was none, or `otherwise`. */
export async function missingJob(
  store: Pick<JobStore, 'expiredAt'>,
  id: string,
  otherwise = new Problem(404, 'job.not_found', `there is no job "${id}"`),
): Promise<Problem> {
  const at = await store.expiredAt(id);
  return at === undefined ? otherwise : expiredJob(id, at);
}

/** The answer about a job that was removed `at`, in milliseconds since 1970. */
export function expiredJob(id: string, at: number): Problem {
  const removedAt = new Date(at).toISOString();
  const cause = 'RETENTION_DAYS says how long ended jobs are kept';
  return new Problem(
    410,
    'job.expired',
    `the job "${id}" ended long ago and was removed at ${removedAt}; ${cause}`,
  );
}
