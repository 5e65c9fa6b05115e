import { useEffect, useState } from 'preact/hooks';
import { getJob, getLog } from '../api/api.js';
import { followJob } from '../api/follow-job.js';
import type { Job, JobEvent, JobLog } from '../api/model.js';
import { asProblem, type Problem } from '../api/problem.js';
import { coalesced } from '../ui/coalesced.js';
import { withFetched, withProgress } from './job-changes.js';
import { LogJoiner } from './log-changes.js';

export interface FollowedJob {
  readonly job: Job | undefined;
  /** What happened to it, progress left out. */
  readonly events: readonly JobEvent[];
  /** What its handlers wrote, once it is read. */
  readonly log: JobLog | undefined;
  readonly link: 'connecting' | 'live' | 'ended';
  readonly problem: Problem | undefined;
  /** Follows it anew: for a job that had ended and runs again. */
  refresh(): void;
}

const nothingYet: Omit<FollowedJob, 'refresh'> = {
  job: undefined,
  events: [],
  log: undefined,
  link: 'connecting',
  problem: undefined,
};

/** A job and its life, as it goes on. What its state is, the gateway says: an event is the reason to ask, and progress is taken as it comes. */
export function useJob(id: string): FollowedJob {
  const [followed, setFollowed] = useState(nothingYet);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    const show = (change: (now: typeof nothingYet) => Partial<typeof nothingYet>): void => {
      if (!gone.signal.aborted) setFollowed((now) => ({ ...now, ...change(now) }));
    };
    const fail = (error: unknown): void => show(() => ({ problem: asProblem(error) }));
    const read = async (): Promise<void> => {
      const fetched = await getJob(id, gone.signal);
      show(({ job }) => ({ job: withFetched(job, fetched), problem: undefined }));
    };
    const joiner = new LogJoiner((log) => show(() => ({ log })));
    const readLog = async (): Promise<void> => {
      joiner.begin();
      joiner.read(await getLog(id, gone.signal));
    };
    const refresh = coalesced(() => read().catch(fail));
    const take = (event: JobEvent): void => {
      if (event.kind === 'progressed') return show(({ job }) => ({ job: job && withProgress(job, event) }));
      show(({ events }) => ({ events: [...events, event] }));
      refresh();
    };
    const follow = async (): Promise<void> => {
      const onLink = (link: 'live' | 'connecting'): void => {
        show(() => ({ link }));
        // What was written while nobody listened.
        if (link === 'live') readLog().catch(fail);
        refresh();
      };
      await followJob(id, { onEvent: take, onLog: (part) => joiner.take(part), onLink }, gone.signal);
      show(() => ({ link: 'ended' }));
      refresh();
    };
    follow().catch(fail);
    refresh();
    return () => gone.abort();
  }, [id, round]);
  const refresh = (): void => {
    setFollowed(({ job }) => ({ ...nothingYet, job }));
    setRound(round + 1);
  };
  return { ...followed, refresh };
}
