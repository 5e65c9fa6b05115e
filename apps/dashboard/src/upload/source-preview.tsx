import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** A small look at the chosen file, from this machine's own copy; an empty frame when the browser cannot show its kind. */
export function SourcePreview({ file }: { readonly file: File }): JSX.Element {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const fresh = URL.createObjectURL(file);
    setUrl(fresh);
    return () => URL.revokeObjectURL(fresh);
  }, [file]);
  const hide = (): void => setUrl(undefined);
  return (
    <div class="preview" aria-hidden="true">
      {url && file.type.startsWith('image/') && <img src={url} alt="" onError={hide} />}
      {url && file.type.startsWith('video/') && (
        <video src={url} muted playsInline preload="metadata" tabIndex={-1} onError={hide} />
      )}
    </div>
  );
}
