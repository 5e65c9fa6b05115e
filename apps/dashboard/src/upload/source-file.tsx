import type { JSX } from 'preact';
import { formatBytes } from '../format.js';
import { SourcePreview } from './source-preview.js';
import type { UploadState } from './use-upload.js';

interface SourceFileProps {
  readonly state: Exclude<UploadState, { step: 'empty' }>;
  readonly onClear: () => void;
}

/** The chosen file: how far it has come, then what the gateway found it to be. */
export function SourceFile({ state, onClear }: SourceFileProps): JSX.Element {
  const { file } = state;
  const sending = state.step === 'sending';
  return (
    <div class="source" data-asset-id={state.step === 'stored' ? state.asset.id : undefined}>
      <SourcePreview file={file} />
      <div class="source-facts">
        <strong class="clip" title={file.name}>
          {file.name}
        </strong>
        <span class="muted" role="status">
          {formatBytes(file.size)} · {sending ? `uploading, ${percent(state.share)}%` : state.asset.mediaType}
        </span>
        <progress aria-label="Upload" max={100} value={sending ? percent(state.share) : 100} />
      </div>
      <button type="button" class="quiet" onClick={onClear}>
        {sending ? 'Stop' : 'Other file'}
      </button>
    </div>
  );
}

function percent(share: number): number {
  return Math.floor(share * 100);
}
