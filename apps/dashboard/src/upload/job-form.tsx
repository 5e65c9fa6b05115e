import type { JSX } from 'preact';
import type { Asset, Job } from '../api/model.js';
import { ImageForm } from './image-form.js';
import { VideoForm } from './video-form.js';

interface JobFormProps {
  readonly asset: Asset;
  readonly onSubmitted: (job: Job) => void;
}

/** What can be done with the file that was uploaded, by the kind that the gateway found in its bytes. */
export function JobForm({ asset, onSubmitted }: JobFormProps): JSX.Element {
  if (asset.mediaType.startsWith('video/')) return <VideoForm asset={asset} onSubmitted={onSubmitted} />;
  if (asset.mediaType.startsWith('image/')) return <ImageForm asset={asset} onSubmitted={onSubmitted} />;
  return (
    <div class="notice notice-warn" role="alert">
      <strong>Neither video nor picture</strong>
      <p>The content of this file is {asset.mediaType}, whatever its name says. Choose another one.</p>
    </div>
  );
}
