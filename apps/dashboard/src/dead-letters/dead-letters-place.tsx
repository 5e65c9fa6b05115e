import type { JSX } from 'preact';
import { listCauses } from '../api/dead-letters.js';
import type { Cause } from '../api/model.js';
import { formatAge } from '../format.js';
import { jobTypeName } from '../job/describe-job.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href } from '../ui/route.js';
import { useNow } from '../ui/use-now.js';
import { CauseCard } from './cause-card.js';

/** Jobs that will not be tried again without a person, grouped by what went wrong. */
export function DeadLettersPlace({ cause }: { readonly cause: string | undefined }): JSX.Element {
  const { value: causes, problem, refresh } = useFresh(listCauses, 'causes');
  const open = causes?.find((one) => one.cause === cause);
  return (
    <>
      <section class="panel" aria-labelledby="dead-title">
        <h2 id="dead-title">Dead letters</h2>
        <ProblemNotice problem={problem} />
        {causes?.length === 0 && <p class="muted empty">None: no job has failed for good.</p>}
        {causes && <CauseList causes={causes} open={cause} />}
      </section>
      {open && <CauseCard key={open.cause} cause={open} onDone={refresh} />}
    </>
  );
}

function CauseList({
  causes,
  open,
}: {
  readonly causes: readonly Cause[];
  readonly open: string | undefined;
}): JSX.Element {
  const now = useNow();
  return (
    <ul class="rows">
      {causes.map(({ cause, type, title, jobs, lastAt }) => (
        <li key={cause}>
          <a
            class="row cause-row"
            href={href(['dead-letters', cause])}
            aria-current={cause === open ? 'true' : undefined}
            data-cause={cause}
          >
            <strong class="number">{jobs.toLocaleString()}</strong>
            <span class="row-what">
              {title} <span class="muted">{jobTypeName(type)}</span>
            </span>
            <time class="row-age muted number" dateTime={lastAt}>
              {formatAge(now - Date.parse(lastAt))}
            </time>
          </a>
        </li>
      ))}
    </ul>
  );
}
