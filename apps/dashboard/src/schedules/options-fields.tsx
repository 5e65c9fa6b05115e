import type { JSX } from 'preact';
import { priorities, type Priority, type ScheduleOptions } from '../api/schedules.js';
import { NumberField } from '../ui/input-field.js';
import { SelectField } from '../ui/select-field.js';

/** The options as they are typed; an empty text leaves one to the job type. */
export interface OptionTexts {
  readonly priority: Priority;
  readonly maxAttempts: string;
  readonly timeoutSeconds: string;
}

export function textsOfOptions({ priority, maxAttempts, timeoutSeconds }: ScheduleOptions): OptionTexts {
  return {
    priority: priority ?? 'normal',
    maxAttempts: maxAttempts == null ? '' : String(maxAttempts),
    timeoutSeconds: timeoutSeconds == null ? '' : String(timeoutSeconds),
  };
}

export function optionsOf({ priority, maxAttempts, timeoutSeconds }: OptionTexts): ScheduleOptions {
  return {
    ...(priority === 'normal' ? {} : { priority }),
    ...(maxAttempts === '' ? {} : { maxAttempts: Number(maxAttempts) }),
    ...(timeoutSeconds === '' ? {} : { timeoutSeconds: Number(timeoutSeconds) }),
  };
}

interface OptionsFieldsProps {
  readonly options: OptionTexts;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<OptionTexts>) => void;
}

/** How the jobs of a schedule are run. */
export function OptionsFields({ options, errors, onChange }: OptionsFieldsProps): JSX.Element {
  return (
    <div class="pair">
      <SelectField
        name="priority"
        label="Priority"
        options={priorities}
        value={options.priority}
        error={errors.get('options.priority')}
        onChange={(priority) => onChange({ priority })}
      />
      <NumberField
        name="maxAttempts"
        label="Attempts (empty: as its type)"
        value={options.maxAttempts}
        error={errors.get('options.maxAttempts')}
        onChange={(maxAttempts) => onChange({ maxAttempts })}
      />
      <NumberField
        name="timeoutSeconds"
        label="Seconds an attempt may take (empty: as its type)"
        value={options.timeoutSeconds}
        error={errors.get('options.timeoutSeconds')}
        onChange={(timeoutSeconds) => onChange({ timeoutSeconds })}
      />
    </div>
  );
}
