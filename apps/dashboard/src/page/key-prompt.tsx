import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { setKey } from '../api/session.js';

interface KeyPromptProps {
  /** What the gateway said. */
  readonly refusal: string;
  /** Whether a key was sent, and refused. */
  readonly again: boolean;
}

/** Asks for the key that the gateway wants; it is kept in this tab, until the tab is closed. */
export function KeyPrompt({ refusal, again }: KeyPromptProps): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    const key = field.current?.value.trim();
    if (key) setKey(key);
  };
  return (
    <section class="panel prompt" aria-labelledby="key-title">
      <h2 id="key-title">API key</h2>
      <p class="muted">
        This gateway works for known keys only. Yours is kept in this tab until you close it.
      </p>
      <form class="stack" onSubmit={submit}>
        <div class="field">
          <label for="api-key">Key</label>
          <input
            id="api-key"
            ref={field}
            type="password"
            autoComplete="off"
            required
            aria-invalid={again ? 'true' : undefined}
            aria-describedby={again ? 'api-key-error' : undefined}
          />
          {again && (
            <p id="api-key-error" class="field-error" role="alert">
              {refusal}
            </p>
          )}
        </div>
        <button id="use-key" type="submit" class="primary">
          Use this key
        </button>
      </form>
    </section>
  );
}
