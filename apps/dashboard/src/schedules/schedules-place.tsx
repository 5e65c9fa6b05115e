import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { listSchedules, type SchedulePage } from '../api/schedules.js';
import { type Change, live } from '../live/live.js';
import { useStore } from '../live/store.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { EditedSchedule, NewSchedule } from './schedule-panels.js';
import { ScheduleEntry } from './schedule-entry.js';

/** The schedules, by name, and the form for a new one, or for the one that the address names. */
export function SchedulesPlace({ id }: { readonly id: string | undefined }): JSX.Element {
  const [cursor, setCursor] = useState<string>();
  const first = useStore(live.schedules);
  return (
    <>
      <section class="panel" aria-labelledby="schedules-title">
        <h2 id="schedules-title">Schedules</h2>
        {first?.items.length === 0 && <p class="muted empty">None: no job is made by the clock.</p>}
        {cursor === undefined ? (
          <Schedules page={first} onNext={setCursor} />
        ) : (
          <LaterSchedules cursor={cursor} onNext={setCursor} />
        )}
      </section>
      {id === undefined ? <NewSchedule /> : <EditedSchedule key={id} id={id} />}
    </>
  );
}

interface LaterSchedulesProps {
  readonly cursor: string;
  /** Without a cursor: from the start. */
  readonly onNext: (cursor?: string) => void;
}

/** The stream tells of the first page. Of others, what people do is on the audit trail, and their ticks make jobs. */
const ofOthers: readonly Change[] = ['audit', 'jobs'];

function LaterSchedules({ cursor, onNext }: LaterSchedulesProps): JSX.Element {
  const { value, problem } = useFresh((signal) => listSchedules(cursor, signal), cursor, ofOthers);
  return (
    <>
      <ProblemNotice problem={problem} />
      <Schedules page={value} onNext={onNext}>
        <button type="button" class="quiet" onClick={() => onNext()}>
          From the start
        </button>
      </Schedules>
    </>
  );
}

interface SchedulesProps {
  readonly page: SchedulePage | undefined;
  readonly onNext: (cursor: string) => void;
  /** The way back. */
  readonly children?: JSX.Element;
}

function Schedules({ page, onNext, children }: SchedulesProps): JSX.Element {
  const next = page?.nextCursor;
  return (
    <>
      <ul>
        {page?.items.map((schedule) => (
          <ScheduleEntry key={schedule.id} schedule={schedule} />
        ))}
      </ul>
      {(children ?? next) && (
        <p class="pager">
          {children}
          {next && (
            <button type="button" class="quiet" onClick={() => onNext(next)}>
              Next
            </button>
          )}
        </p>
      )}
    </>
  );
}
