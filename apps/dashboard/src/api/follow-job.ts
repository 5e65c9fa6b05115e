import { followStream } from './follow-stream.js';
import type { JobEvent, JobLog } from './model.js';

export interface JobFollower {
  readonly onEvent: (event: JobEvent) => void;
  /** What is written while the link is live; not what was before. */
  readonly onLog: (part: JobLog) => void;
  /** Whether events are coming in, or a connection is being made. */
  readonly onLink: (link: 'live' | 'connecting') => void;
}

/**
 * Tells a job's events, each once, from its first to its last; resolves after that.
 * @throws {Problem} when the gateway refuses, as for a job that it does not know
 */
export function followJob(
  id: string,
  { onEvent, onLog, onLink }: JobFollower,
  signal: AbortSignal,
): Promise<void> {
  const onMessage = ({ event, data }: { readonly event: string; readonly data: string }): boolean => {
    if (event === 'end') return true;
    if (event === 'logged') onLog(JSON.parse(data) as JobLog);
    else onEvent(JSON.parse(data) as JobEvent);
    return false;
  };
  return followStream(`/v1/jobs/${encodeURIComponent(id)}/events?logs=true`, { onMessage, onLink }, signal);
}
