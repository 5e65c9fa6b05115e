import type { JSX } from 'preact';
import { useSession } from '../ui/use-session.js';
import { Header } from './header.js';
import { KeyPrompt } from './key-prompt.js';
import { Work } from './work.js';

export function App(): JSX.Element {
  const { key, refusal } = useSession();
  return (
    <>
      <Header />
      {refusal === undefined ? (
        // What was read with one key is not shown with another.
        <Work key={key} />
      ) : (
        <main>
          <KeyPrompt key={key} refusal={refusal} again={key !== undefined} />
        </main>
      )}
    </>
  );
}
