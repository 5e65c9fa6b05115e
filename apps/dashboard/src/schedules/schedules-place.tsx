import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { listSchedules } from '../api/schedules.js';
import { unannouncedMs } from '../live/unannounced.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { EditedSchedule, NewSchedule } from './schedule-panels.js';
import { ScheduleEntry } from './schedule-entry.js';

/** The schedules, by name, and the form for a new one, or for the one that the address names. */
export function SchedulesPlace({ id }: { readonly id: string | undefined }): JSX.Element {
  const [cursor, setCursor] = useState<string>();
  const {
    value: page,
    problem,
    refresh,
  } = useFresh((signal) => listSchedules(cursor, signal), cursor ?? 'first', unannouncedMs);
  return (
    <>
      <section class="panel" aria-labelledby="schedules-title">
        <h2 id="schedules-title">Schedules</h2>
        <ProblemNotice problem={problem} />
        {page?.items.length === 0 && <p class="muted empty">None: no job is made by the clock.</p>}
        <ul>
          {page?.items.map((schedule) => (
            <ScheduleEntry key={schedule.id} schedule={schedule} onDone={refresh} />
          ))}
        </ul>
        {(cursor ?? page?.nextCursor) && (
          <p class="pager">
            {cursor && (
              <button type="button" class="quiet" onClick={() => setCursor(undefined)}>
                From the start
              </button>
            )}
            {page?.nextCursor && (
              <button type="button" class="quiet" onClick={() => setCursor(page.nextCursor)}>
                Next
              </button>
            )}
          </p>
        )}
      </section>
      {id === undefined ? (
        <NewSchedule onDone={refresh} />
      ) : (
        <EditedSchedule key={id} id={id} onDone={refresh} />
      )}
    </>
  );
}
