import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { href } from '../ui/route.js';
import { places } from './places.js';

export function Nav({ here }: { readonly here: string }): JSX.Element {
  const counts = useStore(live.counts);
  const list = useRef<HTMLUListElement>(null);
  // On a phone not all places are in sight at once.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <nav class="places" aria-label="Main">
      <ul ref={list}>
        {places.map(({ path, name }) => (
          <li key={path}>
            <a href={href(path ? [path] : [])} aria-current={path === here ? 'page' : undefined}>
              {name}
              {path === 'dead-letters' && counts && counts.failed > 0 && (
                <span class="tally" aria-label={`${counts.failed} failed`}>
                  {counts.failed}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
