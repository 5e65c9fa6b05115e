import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Job } from '../api/model.js';
import { useSession } from '../ui/use-session.js';
import { curlCommand } from './curl-command.js';

type Copied = 'not yet' | 'copied' | 'selected';
const captions = { 'not yet': 'Copy as curl', copied: 'Copied', selected: 'Selected: copy it' } as const;

/** The same job from a shell. */
export function CurlCommand({ job }: { readonly job: Job }): JSX.Element {
  const { key } = useSession();
  const [copied, setCopied] = useState<Copied>('not yet');
  const box = useRef<HTMLElement>(null);
  const command = curlCommand(location.origin, job, key !== undefined);
  useEffect(() => {
    if (copied === 'not yet') return;
    const timer = setTimeout(() => setCopied('not yet'), 2_500);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <details>
      <summary>As curl</summary>
      <pre>
        <code ref={box}>{command}</code>
      </pre>
      <button type="button" class="quiet" onClick={() => void copy(command, box.current).then(setCopied)}>
        <span role="status">{captions[copied]}</span>
      </button>
    </details>
  );
}

/** Browsers lend the clipboard to safe origins only; elsewhere the text is selected, for the reader to copy. */
async function copy(text: string, box: HTMLElement | null): Promise<Copied> {
  try {
    await navigator.clipboard.writeText(text);
    return 'copied';
  } catch {
    if (box) getSelection()?.selectAllChildren(box);
    return 'selected';
  }
}
