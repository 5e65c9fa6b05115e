import type { JSX } from 'preact';
import type { Job } from '../api/model.js';
import { JobCard } from '../job/job-card.js';
import { RecentJobsPanel } from '../recent/recent-jobs.js';
import { useRecentJobs } from '../recent/use-recent-jobs.js';
import { jobHref, useOpenJob } from '../ui/use-open-job.js';
import { UploadPanel } from '../upload/upload-panel.js';

/** A file goes in on the left, its job runs on the right, and all that ran lately is below. */
export function Work(): JSX.Element {
  const openId = useOpenJob();
  const jobs = useRecentJobs();
  const open = (job: Job): void => {
    location.hash = jobHref(job.id);
    jobs.refresh();
  };
  return (
    <main>
      <UploadPanel onSubmitted={open} />
      {openId ? (
        <JobCard key={openId} id={openId} onEvent={jobs.refresh} />
      ) : (
        <section class="panel placeholder">
          <p class="muted">The job you start or pick from the list is shown here, live.</p>
        </section>
      )}
      <RecentJobsPanel jobs={jobs} openId={openId} />
    </main>
  );
}
