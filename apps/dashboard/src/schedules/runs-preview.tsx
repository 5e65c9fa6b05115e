import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../api/problem.js';
import { previewRuns } from '../api/schedules.js';

interface RunsPreviewProps {
  readonly cron: string;
  readonly timezone: string;
}

interface Preview {
  readonly timezone: string;
  readonly runs?: readonly string[];
  readonly problem?: Problem;
}

/** Nobody types a key so long. */
const pauseMs = 400;

/** The next five runs, or what is wrong with the expression. */
export function RunsPreview(props: RunsPreviewProps): JSX.Element {
  const { timezone, runs, problem } = usePreview(props);
  return (
    <div aria-live="polite" data-preview={runs?.length ?? 0}>
      {problem && (
        <p class="field-error">{problem.errors.map(({ message }) => message).join('; ') || problem.detail}</p>
      )}
      {runs && (
        <ol class="runs muted" aria-label="The next runs">
          {runs.map((run) => (
            <li key={run}>
              <time dateTime={run}>{clockIn(timezone, run)}</time>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function usePreview({ cron, timezone }: RunsPreviewProps): Preview {
  const [preview, setPreview] = useState<Preview>({ timezone });
  useEffect(() => {
    const gone = new AbortController();
    const show = (next: Preview): void => {
      if (!gone.signal.aborted) setPreview(next);
    };
    const timer = setTimeout(() => {
      previewRuns(cron, timezone, gone.signal).then(
        (runs) => show({ timezone, runs }),
        (error: unknown) => show({ timezone, problem: asProblem(error) }),
      );
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [cron, timezone]);
  return preview;
}

function clockIn(timeZone: string, iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}
