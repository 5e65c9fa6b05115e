import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { isRecord } from '../is-record.js';
import { jobResult } from './job-result.js';
import { PictureGrid } from './picture-grid.js';
import { useAssetBytes } from './use-asset-bytes.js';
import { VideoResult } from './video-result.js';

/** What a job made, to look at and to take away. */
export function JobResultView({ job }: { readonly job: Job }): JSX.Element {
  const source =
    isRecord(job.payload) && typeof job.payload.source === 'string' ? job.payload.source : undefined;
  const sourceBytes = useAssetBytes(source);
  const result = jobResult(job);
  return (
    <section class="result" data-result aria-label="Result">
      {result.kind === 'video' && <VideoResult video={result.video} sourceBytes={sourceBytes} />}
      {result.kind === 'pictures' && <PictureGrid pictures={result.pictures} sourceBytes={sourceBytes} />}
      {result.kind === 'data' && <pre>{JSON.stringify(result.data, undefined, 2)}</pre>}
    </section>
  );
}
