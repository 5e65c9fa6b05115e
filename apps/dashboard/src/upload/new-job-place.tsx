import type { JSX } from 'preact';
import { JobCard } from '../job/job-card.js';
import { go, href } from '../ui/route.js';
import { UploadPanel } from './upload-panel.js';

/** A file goes in on the left, its job runs on the right. */
export function NewJobPlace({ jobId }: { readonly jobId: string | undefined }): JSX.Element {
  return (
    <div class="halves">
      <UploadPanel onSubmitted={(job) => go(href(['new', job.id]))} />
      {jobId ? (
        <JobCard key={jobId} id={jobId} closeHref={href(['new'])} />
      ) : (
        <section class="panel placeholder">
          <p class="muted">The job that you start is shown here, live.</p>
        </section>
      )}
    </div>
  );
}
