import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { formatBytes, formatMoment, formatSaving } from '../format.js';
import { DownloadLink } from './download-link.js';
import type { ResultVideo } from './job-result.js';
import { useAssetUrl } from './use-asset-url.js';

interface VideoResultProps {
  readonly video: ResultVideo;
  readonly sourceBytes: number | undefined;
}

export function VideoResult({ video, sourceBytes }: VideoResultProps): JSX.Element {
  const { url, problem } = useAssetUrl(video.asset);
  const [broken, setBroken] = useState(false);
  return (
    <figure class="film">
      <video
        controls
        playsInline
        preload="metadata"
        width={video.width}
        height={video.height}
        src={url}
        onError={() => setBroken(true)}
      />
      {(broken || problem) && (
        <p class="field-error" role="alert">
          {problem?.detail ?? 'This browser cannot play the video, or the file is no longer there.'}
        </p>
      )}
      <figcaption>
        <span>
          {video.width} × {video.height} · {formatMoment(video.durationSeconds)} · {formatBytes(video.bytes)}
          <br />
          <span class="muted">{video.codecs}</span>
          {sourceBytes !== undefined && <span class="saving"> {formatSaving(video.bytes, sourceBytes)}</span>}
        </span>
        <DownloadLink asset={video.asset} what="video" />
      </figcaption>
    </figure>
  );
}
