import type { JobState, RecordedEvent } from '@heavylift/core';
import { type Kysely, sql } from 'kysely';
import type { News, Place } from './follow-book.js';
import { inChunks } from './in-chunks.js';
import type { StoredEvent } from './job-store.js';
import type { Tables } from './tables.js';

const mostEvents = 100;

interface NewsRow {
  readonly id: string;
  readonly after: number;
  /** Null of a job that is missing. */
  readonly events: number | null;
  readonly seq: number | null;
  readonly body: string | null;
  readonly state: string | null;
}

/** One statement for all places, and so one moment: a job that is seen to have ended is seen with the event of its end. */
export async function selectNews(
  db: Kysely<Tables>,
  places: readonly Place[],
): Promise<{ news: News[]; missing: string[] }> {
  const news: News[] = [];
  const missing: string[] = [];
  for (const chunk of inChunks(places, 2))
    for (const rows of byPlace(await selectRows(db, chunk)))
      if (rows[0].events === null) missing.push(rows[0].id);
      else news.push(newsOf(rows));
  return { news, missing };
}

/** The numbers of a job's events have no gaps. With the last event comes the state, once. */
async function selectRows(db: Kysely<Tables>, places: readonly Place[]): Promise<NewsRow[]> {
  const values = sql.join(
    places.map(({ jobId, after }) => sql`(cast(${jobId} as text), cast(${after} as integer))`),
  );
  const { rows } = await sql<NewsRow>`
    with place (id, seq) as (values ${values})
    select place.id, place.seq as after, jobs.events, event.seq, event.body,
      case when event.seq is null or event.seq = jobs.events then jobs.state end as state
    from place
    left join jobs on jobs.id = place.id
    left join job_events as event
      on event.job_id = jobs.id and event.seq > place.seq and event.seq <= place.seq + ${sql.lit(mostEvents)}
    where jobs.id is null or jobs.events > place.seq or jobs.final = 1
    order by place.id, place.seq, event.seq`.execute(db);
  return rows;
}

function byPlace(rows: readonly NewsRow[]): [NewsRow, ...NewsRow[]][] {
  const places: [NewsRow, ...NewsRow[]][] = [];
  for (const row of rows) {
    const last = places.at(-1);
    if (last && last[0].id === row.id && last[0].after === row.after) last.push(row);
    else places.push([row]);
  }
  return places;
}

function newsOf(rows: readonly [NewsRow, ...NewsRow[]]): News {
  const [{ id: jobId, after }] = rows;
  const { state } = rows.at(-1)!;
  const job = state === null ? {} : { job: JSON.parse(state) as JobState };
  return { jobId, after, events: rows.flatMap(eventOf), ...job };
}

function eventOf({ seq, body }: NewsRow): StoredEvent[] {
  return seq === null || body === null ? [] : [{ ...(JSON.parse(body) as RecordedEvent), seq }];
}
