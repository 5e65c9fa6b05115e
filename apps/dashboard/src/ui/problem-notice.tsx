import type { JSX } from 'preact';
import type { Problem } from '../api/problem.js';

/** What went wrong, with every wrong field; read out at once. */
export function ProblemNotice({ problem }: { readonly problem: Problem | undefined }): JSX.Element | null {
  if (!problem) return null;
  return (
    <div class="notice notice-bad" role="alert">
      <strong>{problem.title}</strong>
      <p>{problem.detail}</p>
      {problem.errors.length > 0 && (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li key={path}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
