import { useState } from 'preact/hooks';
import { listJobs } from '../api/api.js';
import type { JobPage, JobStatus } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { usePolling } from '../ui/use-polling.js';

const refreshMs = 5_000;
const pageSize = 20;
/** The gateway gives no more at once. */
const mostJobs = 100;

export interface RecentJobs {
  readonly page: JobPage | undefined;
  readonly problem: Problem | undefined;
  readonly status: JobStatus | undefined;
  filter(status: JobStatus | undefined): void;
  /** Shows more; absent when there are no more to show. */
  readonly more: (() => void) | undefined;
  refresh(): void;
}

/** The newest jobs, looked up again and again while somebody can see them. */
export function useRecentJobs(): RecentJobs {
  const [status, setStatus] = useState<JobStatus>();
  const [limit, setLimit] = useState(pageSize);
  const [page, setPage] = useState<JobPage>();
  const [problem, setProblem] = useState<Problem>();
  const read = async (signal: AbortSignal): Promise<void> => {
    try {
      const fresh = await listJobs({ status, limit }, signal);
      if (signal.aborted) return;
      setPage(fresh);
      setProblem(undefined);
    } catch (error) {
      if (!signal.aborted) setProblem(asProblem(error));
    }
  };
  const refresh = usePolling(read, refreshMs, `${status} ${limit}`);
  const hasMore = page?.nextCursor !== undefined && limit < mostJobs;
  const filter = (next: JobStatus | undefined): void => {
    setLimit(pageSize);
    setStatus(next);
  };
  return {
    page,
    problem,
    status,
    filter,
    more: hasMore ? () => setLimit(limit + pageSize) : undefined,
    refresh,
  };
}
