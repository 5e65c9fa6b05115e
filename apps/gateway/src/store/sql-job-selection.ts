import type { SelectQueryBuilder } from 'kysely';
import type { JobSelection } from './job-store.js';
import type { Tables } from './tables.js';

/** Only the jobs that are selected; an index answers each field. */
export function selecting<Row>(
  jobs: SelectQueryBuilder<Tables, 'jobs', Row>,
  { status, type, cause, scheduleId, idPrefix }: JobSelection,
): SelectQueryBuilder<Tables, 'jobs', Row> {
  return jobs
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(type !== undefined, (query) => query.where('type', '=', type!))
    .$if(cause !== undefined, (query) => query.where('cause', '=', cause!))
    .$if(scheduleId !== undefined, (query) => query.where('schedule_id', '=', scheduleId!))
    .$if(idPrefix !== undefined, (query) =>
      query.where('id', '>=', filled(idPrefix!, '0')).where('id', '<=', filled(idPrefix!, 'f')),
    );
}

/** The first or the last id that begins so: between texts of one shape, every collation orders alike. */
function filled(prefix: string, digit: '0' | 'f'): string {
  const shape = '00000000-0000-0000-0000-000000000000'.replaceAll('0', digit);
  return prefix + shape.slice(prefix.length);
}
