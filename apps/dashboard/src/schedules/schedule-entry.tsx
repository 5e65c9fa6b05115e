import type { JSX } from 'preact';
import {
  deleteSchedule,
  pauseSchedule,
  resumeSchedule,
  runSchedule,
  type ScheduleLine,
} from '../api/schedules.js';
import { shortId } from '../format.js';
import { ConfirmButton } from '../ui/confirm-button.js';
import { Fact } from '../ui/fact.js';
import { PauseButton } from '../ui/pause-button.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { href, jobHref } from '../ui/route.js';
import { useAction } from '../ui/use-action.js';

interface ScheduleEntryProps {
  readonly schedule: ScheduleLine;
}

export function ScheduleEntry({ schedule }: ScheduleEntryProps): JSX.Element {
  const { id, name, paused } = schedule;
  const { busy, problem, act } = useAction();
  return (
    <li class="entry" data-schedule={id} data-paused={paused}>
      <div class="entry-header">
        <h3>{name}</h3>
        {paused && <span class="badge badge-retrying">paused</span>}
      </div>
      <ScheduleFacts schedule={schedule} />
      <div class="actions">
        <PauseButton
          name={name}
          paused={paused}
          disabled={busy}
          onPause={() => void act(() => pauseSchedule(id))}
          onResume={() => void act(() => resumeSchedule(id))}
        />
        <button
          type="button"
          class="quiet"
          aria-label={`Run now: ${name}`}
          disabled={busy}
          onClick={() => void act(() => runSchedule(id))}
        >
          Run now
        </button>
        <a class="button quiet" href={href(['jobs'], { scheduleId: id })} aria-label={`Jobs of ${name}`}>
          Jobs
        </a>
        <a class="button quiet" href={href(['schedules', id])} aria-label={`Edit ${name}`}>
          Edit
        </a>
        <ConfirmButton
          label="Delete"
          question={`Delete ${name}?`}
          onConfirm={async () => void (await act(() => deleteSchedule(id)))}
        />
      </div>
      <ProblemNotice problem={problem} />
    </li>
  );
}

function ScheduleFacts({ schedule }: ScheduleEntryProps): JSX.Element {
  const { cron, timezone, type, nextRuns, lastRunAt, lastJobId } = schedule;
  return (
    <dl class="facts wide">
      <Fact name="Makes">{type}</Fact>
      <Fact name="Cron">
        <code>{cron}</code> {timezone}
      </Fact>
      <Fact name="Next run">{nextRuns[0] ? new Date(nextRuns[0]).toLocaleString() : '–'}</Fact>
      <Fact name="Last run">
        {lastRunAt ? new Date(lastRunAt).toLocaleString() : '–'}{' '}
        {lastJobId && (
          <a href={jobHref(lastJobId)} data-last-job={lastJobId}>
            {shortId(lastJobId)}
          </a>
        )}
      </Fact>
    </dl>
  );
}
