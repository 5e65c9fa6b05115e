import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { changeSchedule, createSchedule, getSchedule } from '../api/schedules.js';
import { useFresh } from '../live/use-fresh.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { go, href } from '../ui/route.js';
import { emptySchedule, ScheduleForm, textsOf } from './schedule-form.js';

export function NewSchedule(): JSX.Element {
  const [made, setMade] = useState(0);
  return (
    <section class="panel" aria-labelledby="new-schedule-title">
      <h2 id="new-schedule-title">New schedule</h2>
      <ScheduleForm
        key={made}
        first={emptySchedule()}
        button="Make schedule"
        onSubmit={async (fields) => {
          await createSchedule(fields);
          setMade(made + 1);
        }}
      />
    </section>
  );
}

export function EditedSchedule({ id }: { readonly id: string }): JSX.Element {
  const { value, problem } = useFresh((signal) => getSchedule(id, signal), id, []);
  return (
    <section class="panel" aria-labelledby="edit-schedule-title">
      <h2 id="edit-schedule-title">Edit {value?.name ?? 'schedule'}</h2>
      <ProblemNotice problem={problem} />
      {value && (
        <ScheduleForm
          first={textsOf(value)}
          button="Save"
          onSubmit={async (fields) => {
            await changeSchedule(id, fields);
            go(href(['schedules']));
          }}
        />
      )}
      <p>
        <a href={href(['schedules'])}>Leave it as it is</a>
      </p>
    </section>
  );
}
