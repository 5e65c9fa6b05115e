import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { followGateway } from '../live/live.js';
import { useRoute } from '../ui/route.js';
import { useSession } from '../ui/use-session.js';
import { Header } from './header.js';
import { KeyPrompt } from './key-prompt.js';
import { Nav } from './nav.js';
import { PlaceView } from './place-view.js';

export function App(): JSX.Element {
  const { key, refusal } = useSession();
  const route = useRoute();
  const isRefused = refusal !== undefined;
  useFollowing(isRefused, key);
  return (
    <>
      <Header />
      {!isRefused && <Nav here={route.path[0] ?? ''} />}
      <main>
        {isRefused ? (
          <KeyPrompt key={key} refusal={refusal} again={key !== undefined} />
        ) : (
          // What was read with one key is not shown with another.
          <PlaceView key={key} route={route} />
        )}
      </main>
    </>
  );
}

/** A refusal ends the following; the prompt for a key is its answer, and another key begins anew. */
function useFollowing(isRefused: boolean, key: string | undefined): void {
  useEffect(() => {
    if (isRefused) return;
    const gone = new AbortController();
    followGateway(gone.signal).catch((error: unknown) => console.info('the live stream was refused', error));
    return () => gone.abort();
  }, [isRefused, key]);
}
