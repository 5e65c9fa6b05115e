import { useEffect, useRef } from 'preact/hooks';
import { coalesced } from './coalesced.js';

/**
 * Runs `work` now, every `everyMs` while the page is visible, and when it becomes visible.
 * @param work handles its own errors; its signal aborts when the component goes or `about` changes
 * @returns runs it once more, soon
 */
export function usePolling(
  work: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  about: string,
): () => void {
  const run = useRef(() => {});
  useEffect(() => {
    const gone = new AbortController();
    run.current = coalesced(() => (gone.signal.aborted ? Promise.resolve() : work(gone.signal)));
    const look = (): void => {
      if (document.visibilityState === 'visible') run.current();
    };
    const timer = setInterval(look, everyMs);
    document.addEventListener('visibilitychange', look, { signal: gone.signal });
    run.current();
    return () => {
      clearInterval(timer);
      gone.abort();
    };
  }, [about, everyMs]);
  return () => run.current();
}
