import type { JSX } from 'preact';
import { forgetKey } from '../api/session.js';
import { useSession } from '../ui/use-session.js';
import { useHealth } from './use-health.js';

export function Header(): JSX.Element {
  const { key } = useSession();
  const health = useHealth();
  return (
    <header class="top">
      <a class="brand" href="#/">
        <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
          <path d="M6 10v12M10 7v18M22 7v18M26 10v12M10 16h12" />
        </svg>
        <h1>Heavylift</h1>
      </a>
      <p class={`health health-${health.tone}`} role="status" data-health={health.tone} title={health.text}>
        {health.text}
      </p>
      <nav aria-label="More">
        {key && (
          <button type="button" class="quiet" onClick={forgetKey}>
            Forget key
          </button>
        )}
        <a class="button quiet" href="/docs">
          API docs
        </a>
      </nav>
    </header>
  );
}
