import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { errorsByPath } from '../api/problem.js';
import { catchUps, type Schedule, type ScheduleFields } from '../api/schedules.js';
import { JsonField, jsonOf } from '../ui/json-field.js';
import { ProblemNotice } from '../ui/problem-notice.js';
import { SelectField } from '../ui/select-field.js';
import { useAction } from '../ui/use-action.js';
import { type OptionTexts, OptionsFields, optionsOf, textsOfOptions } from './options-fields.js';
import { useJobTypes } from './use-job-types.js';
import { WhenFields } from './when-fields.js';

/** A schedule as it is typed: its payload is text, and so are its options. */
type Texts = Omit<ScheduleFields, 'payload' | 'options'> & {
  readonly payload: string;
  readonly options: OptionTexts;
};

/** In the browser's time zone. */
export function emptySchedule(): Texts {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const when = { name: '', cron: '30 2 * * *', timezone: timeZone };
  return { ...when, type: '', payload: '', catchUp: 'one', options: textsOfOptions({}) };
}

export function textsOf({ name, cron, timezone, type, payload, options, catchUp }: Schedule): Texts {
  const texts = { payload: JSON.stringify(payload, undefined, 2), options: textsOfOptions(options) };
  return { name, cron, timezone, type, catchUp, ...texts };
}

interface ScheduleFormProps {
  readonly first: Texts;
  readonly button: string;
  readonly onSubmit: (fields: ScheduleFields) => Promise<void>;
}

export function ScheduleForm({ first, button, onSubmit }: ScheduleFormProps): JSX.Element {
  const [texts, setTexts] = useState(first);
  const { busy, problem, act } = useAction();
  const errors = errorsByPath(problem);
  const types = useJobTypes();
  const payload = jsonOf(texts.payload);
  const type = texts.type || (types[0] ?? '');
  const change = (part: Partial<Texts>): void => setTexts((now) => ({ ...now, ...part }));
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const options = optionsOf(texts.options);
        void act(() => onSubmit({ ...texts, type, options, payload: payload.value ?? {} }));
      }}
    >
      <WhenFields when={texts} errors={errors} onChange={change} />
      <div class="pair">
        <SelectField
          name="type"
          label="Job type"
          options={types.includes(type) || type === '' ? types : [type, ...types]}
          value={type}
          error={errors.get('type')}
          onChange={(next) => change({ type: next })}
        />
        <SelectField
          name="catchUp"
          label="Runs that were missed"
          options={catchUps}
          value={texts.catchUp}
          error={errors.get('catchUp')}
          onChange={(next) => change({ catchUp: next })}
        />
      </div>
      <OptionsFields
        options={texts.options}
        errors={errors}
        onChange={(part) => change({ options: { ...texts.options, ...part } })}
      />
      <JsonField
        name="payload"
        label="Payload (JSON)"
        value={texts.payload}
        placeholder={'{ "source": "https://…" }'}
        error={payload.error ?? errors.get('payload')}
        onChange={(next) => change({ payload: next })}
      />
      <ProblemNotice problem={problem} />
      <div>
        <button type="submit" class="primary" disabled={busy || payload.error !== undefined}>
          {button}
        </button>
      </div>
    </form>
  );
}
