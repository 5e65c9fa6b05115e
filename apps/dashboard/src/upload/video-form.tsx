import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Asset, Job } from '../api/model.js';
import { Choice } from '../ui/choice.js';
import { firstThumbnails, firstTranscode, thumbnailsPayload, transcodePayload } from './payloads.js';
import { SubmitForm } from './submit-form.js';
import { ThumbnailsFields } from './thumbnails-fields.js';
import { TranscodeFields } from './transcode-fields.js';
import { useSubmission } from './use-submission.js';

const videoTypes = [
  { value: 'video.transcode', label: 'Transcode' },
  { value: 'video.thumbnails', label: 'Thumbnails' },
] as const;

interface VideoFormProps {
  readonly asset: Asset;
  readonly onSubmitted: (job: Job) => void;
}

export function VideoForm({ asset, onSubmitted }: VideoFormProps): JSX.Element {
  const [type, setType] = useState<(typeof videoTypes)[number]['value']>('video.transcode');
  const [transcode, setTranscode] = useState(firstTranscode);
  const [thumbnails, setThumbnails] = useState(firstThumbnails);
  const submission = useSubmission(onSubmitted);
  const payload = (): object =>
    type === 'video.transcode'
      ? transcodePayload(asset.id, transcode)
      : thumbnailsPayload(asset.id, thumbnails);
  const choose = (next: typeof type): void => {
    submission.forget();
    setType(next);
  };
  return (
    <SubmitForm submission={submission} onSubmit={() => submission.submit(type, payload())}>
      <Choice name="type" legend="What to make" options={videoTypes} value={type} onChange={choose} />
      {type === 'video.transcode' ? (
        <TranscodeFields value={transcode} onChange={setTranscode} errors={submission.errors} />
      ) : (
        <ThumbnailsFields value={thumbnails} onChange={setThumbnails} errors={submission.errors} />
      )}
    </SubmitForm>
  );
}
