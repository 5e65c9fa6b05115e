import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatBytes, formatSaving } from '../format.js';
import { DownloadLink } from './download-link.js';
import type { ResultPicture } from './job-result.js';
import { useAssetUrl } from './use-asset-url.js';

interface PictureProps {
  readonly picture: ResultPicture;
  readonly sourceBytes: number | undefined;
}

export function Picture({ picture, sourceBytes }: PictureProps): JSX.Element {
  const { url, problem } = useAssetUrl(picture.asset);
  const [broken, setBroken] = useState(false);
  const { asset, caption, width, height, bytes } = picture;
  return (
    <figure class="picture">
      <div class="picture-frame">
        {broken || problem ? (
          <p class="field-error">
            {problem?.detail ?? 'This browser cannot show it, or the file is no longer there.'}
          </p>
        ) : (
          <img
            src={url}
            alt={caption}
            width={width}
            height={height}
            loading="lazy"
            onError={() => setBroken(true)}
          />
        )}
      </div>
      <figcaption>
        <span>
          <strong>{caption}</strong>
          <br />
          {width} × {height}
          {bytes !== undefined && (
            <>
              <br />
              {formatBytes(bytes)}
              {sourceBytes !== undefined && <span class="saving"> {formatSaving(bytes, sourceBytes)}</span>}
            </>
          )}
        </span>
        <DownloadLink asset={asset} what={caption} />
      </figcaption>
    </figure>
  );
}
