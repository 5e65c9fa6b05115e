import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { contentPath, getAsset, getContent } from '../api/api.js';
import { asProblem, type Problem } from '../api/problem.js';
import { useSession } from '../ui/use-session.js';

interface DownloadLinkProps {
  readonly asset: string;
  readonly what: string;
}

export function DownloadLink({ asset, what }: DownloadLinkProps): JSX.Element {
  const { key } = useSession();
  const [problem, setProblem] = useState<Problem>();
  const save = (event: Event): void => {
    // No link can send a key: the file is fetched, and saved from memory.
    if (!key) return;
    event.preventDefault();
    saveFromMemory(asset).then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(asProblem(error)),
    );
  };
  return (
    <span>
      <a
        class="button quiet"
        href={`${contentPath(asset)}?download=1`}
        aria-label={`Download ${what}`}
        download
        onClick={save}
      >
        Download
      </a>
      {problem && (
        <span class="field-error" role="alert">
          {problem.detail}
        </span>
      )}
    </span>
  );
}

async function saveFromMemory(asset: string): Promise<void> {
  const [{ filename }, blob] = await Promise.all([getAsset(asset), getContent(asset)]);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  // The browser reads the copy after the click; it is let go when that is surely done.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
