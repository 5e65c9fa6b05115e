import { useEffect, useState } from 'preact/hooks';
import { contentPath, getContent } from '../api/api.js';
import { asProblem, type Problem } from '../api/problem.js';
import { useSession } from '../ui/use-session.js';

export interface AssetUrl {
  readonly url: string | undefined;
  readonly problem: Problem | undefined;
}

/**
 * Where a picture or player gets a file from: the gateway itself; with a key, which no `src` can send, a copy in memory that is let
 * go when the component goes.
 */
export function useAssetUrl(assetId: string): AssetUrl {
  const { key } = useSession();
  const [copy, setCopy] = useState<AssetUrl>({ url: undefined, problem: undefined });
  useEffect(() => {
    if (!key) return;
    const gone = new AbortController();
    let url: string | undefined;
    getContent(assetId, gone.signal).then(
      (blob) => {
        if (gone.signal.aborted) return;
        url = URL.createObjectURL(blob);
        setCopy({ url, problem: undefined });
      },
      (error: unknown) => gone.signal.aborted || setCopy({ url: undefined, problem: asProblem(error) }),
    );
    return () => {
      gone.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [assetId, key]);
  return key ? copy : { url: contentPath(assetId), problem: undefined };
}
