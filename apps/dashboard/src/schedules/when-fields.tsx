import type { JSX } from 'preact';
import type { ScheduleFields } from '../api/schedules.js';
import { TextField } from '../ui/input-field.js';
import { RunsPreview } from './runs-preview.js';

type When = Pick<ScheduleFields, 'name' | 'cron' | 'timezone'>;

interface WhenFieldsProps {
  readonly when: When;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (part: Partial<When>) => void;
}

/** Its name, and when it runs, with the next runs as they follow. */
export function WhenFields({ when, errors, onChange }: WhenFieldsProps): JSX.Element {
  return (
    <>
      <TextField
        name="name"
        label="Name"
        value={when.name}
        error={errors.get('name')}
        onChange={(name) => onChange({ name })}
      />
      <div class="pair">
        <TextField
          name="cron"
          label="Cron (five fields, or six with seconds first)"
          value={when.cron}
          error={errors.get('cron')}
          onChange={(cron) => onChange({ cron })}
        />
        <TextField
          name="timezone"
          label="Time zone"
          value={when.timezone}
          placeholder="Europe/Berlin"
          error={errors.get('timezone')}
          onChange={(timezone) => onChange({ timezone })}
        />
      </div>
      <RunsPreview cron={when.cron} timezone={when.timezone} />
    </>
  );
}
