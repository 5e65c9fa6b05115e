import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { JobLog, LogItem } from '../api/model.js';
import { formatClock } from '../format.js';

/** So near to its end a reader means to follow it. */
const nearPixels = 24;

/** What the handlers wrote. It stays at its end while more comes, unless its reader has scrolled up. */
export function JobLogView({ log }: { readonly log: JobLog | undefined }): JSX.Element | null {
  const box = useRef<HTMLDivElement>(null);
  const [follow, scrolled] = useFollowEnd(box);
  useLayoutEffect(follow, [log]);
  if (!log || log.items.length === 0) return null;
  return (
    <details open onToggle={follow}>
      <summary>Log ({log.items.length})</summary>
      {log.omitted > 0 && <p class="muted log-omitted">{log.omitted} more lines are not shown.</p>}
      <div
        class="log"
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Log lines"
        tabIndex={0}
        onScroll={scrolled}
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

/** The first is to be called when the box has changed, the second when it was scrolled, by its reader or by the first. */
function useFollowEnd(
  box: RefObject<HTMLElement | null>,
): readonly [follow: () => void, scrolled: () => void] {
  const place = useRef({ follows: true, top: 0, height: 0 });
  return useMemo(() => {
    const scrolled = (): void => {
      if (!box.current) return;
      const { scrollTop: top, scrollHeight: height, clientHeight } = box.current;
      place.current = { follows: height - top - clientHeight < nearPixels, top, height };
    };
    const follow = (): void => {
      if (!box.current) return;
      const { follows, top, height } = place.current;
      // The event that tells of a reader's scrolling may still be on its way.
      const wentUp = box.current.scrollTop < top && box.current.scrollHeight >= height;
      if (!follows || wentUp) return;
      box.current.scrollTop = box.current.scrollHeight;
      place.current = { follows, top: box.current.scrollTop, height: box.current.scrollHeight };
    };
    return [follow, scrolled];
  }, [box]);
}
