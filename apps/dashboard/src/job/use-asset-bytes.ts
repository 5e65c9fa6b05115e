import { useEffect, useState } from 'preact/hooks';
import { getAsset } from '../api/api.js';

/** How large a file is; undefined while that is unknown: for a URL, for a file that was removed, before the answer. */
export function useAssetBytes(source: string | undefined): number | undefined {
  const [bytes, setBytes] = useState<number>();
  useEffect(() => {
    if (!source || source.includes('/')) return;
    const gone = new AbortController();
    getAsset(source, gone.signal).then(
      (asset) => setBytes(asset.bytes),
      () => setBytes(undefined), // The comparison is left out; nothing else depends on it.
    );
    return () => gone.abort();
  }, [source]);
  return bytes;
}
