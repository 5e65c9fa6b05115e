import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { JobLog, LogItem } from '../api/model.js';
import { formatClock } from '../format.js';

/** So near to its end a reader means to follow it. */
const nearPixels = 24;

/** What the handlers wrote. It stays at its end while more comes, unless its reader has scrolled up. */
export function JobLogView({ log }: { readonly log: JobLog | undefined }): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const goToEnd = (): void => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(goToEnd, [log]);
  if (!log || log.items.length === 0) return null;
  return (
    <details open onToggle={goToEnd}>
      <summary>Log ({log.items.length})</summary>
      {log.omitted > 0 && <p class="muted log-omitted">{log.omitted} more lines are not shown.</p>}
      <div
        class="log"
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        tabIndex={0}
        onScroll={() => (follows.current = isAtEnd(box.current))}
      >
        {log.items.map((item, at) => (
          <Line key={at} item={item} begins={at > 0 && log.items[at - 1]?.attempt !== item.attempt} />
        ))}
      </div>
    </details>
  );
}

function Line({ item, begins }: { readonly item: LogItem; readonly begins: boolean }): JSX.Element {
  return (
    <>
      {begins && <p class="muted">attempt {item.attempt}</p>}
      <p data-attempt={item.attempt}>
        <time class="muted" dateTime={item.at}>
          {formatClock(item.at)}
        </time>{' '}
        {item.line}
      </p>
    </>
  );
}

function isAtEnd(box: HTMLElement | null): boolean {
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < nearPixels;
}
