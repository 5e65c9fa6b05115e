import type { JSX } from 'preact';
import type { Attempt } from '../api/model.js';
import { formatClock, formatTook } from '../format.js';

/** Each attempt, with its error, stack and last progress. */
export function AttemptList({ attempts }: { readonly attempts: readonly Attempt[] }): JSX.Element {
  if (attempts.length === 0) return <p class="muted">It was never begun.</p>;
  return (
    <ol class="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.attempt}>
          <p>
            <strong>Attempt {attempt.attempt}</strong> <span class="muted">{factsOf(attempt)}</span>
          </p>
          {attempt.error && <p class="error-text">{attempt.error.message}</p>}
          {attempt.error?.stack && (
            <details>
              <summary>Stack</summary>
              <pre>{attempt.error.stack}</pre>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function factsOf({ worker, startedAt, endedAt, outcome, lastProgress }: Attempt): string {
  const took = startedAt && endedAt ? `after ${formatTook(Date.parse(endedAt) - Date.parse(startedAt))}` : '';
  return [
    startedAt ? `began ${formatClock(startedAt)}` : '',
    [outcome ?? 'its worker was lost', took].filter(Boolean).join(' '),
    lastProgress ? `at ${Math.floor(lastProgress.percent)} %` : '',
    worker ? `on ${worker}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
}
