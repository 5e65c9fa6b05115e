import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { DropZone } from './drop-zone.js';
import { JobForm } from './job-form.js';
import { SourceFile } from './source-file.js';
import { useDroppedFile } from './use-dropped-file.js';
import { useUpload } from './use-upload.js';

/** From a file to a job: choose, upload, say what is to be done. */
export function UploadPanel({ onSubmitted }: { readonly onSubmitted: (job: Job) => void }): JSX.Element {
  const { state, start, clear } = useUpload();
  const hovering = useDroppedFile(start);
  return (
    <section class="panel" aria-labelledby="new-job">
      <h2 id="new-job">New job</h2>
      {state.step === 'empty' ? (
        <>
          <ProblemNotice problem={state.problem} />
          <DropZone hovering={hovering} onFile={start} />
        </>
      ) : (
        <SourceFile state={state} onClear={clear} />
      )}
      {state.step === 'stored' && (
        <JobForm key={state.asset.id} asset={state.asset} onSubmitted={onSubmitted} />
      )}
    </section>
  );
}
