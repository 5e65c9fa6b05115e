import type { LiveMessage } from '../live/index.js';
import type { Answer } from './answer.js';

/** The `data` of each kind of message that the live stream tells. */
const dataOf: Readonly<Record<LiveMessage['event'], string>> = {
  counts: 'how many jobs there are of each status',
  jobs: '`{items, more}`: Jobs without `payload` and `result`',
  queues: 'a QueueList without `oldestSeconds`, which grows by the clock: `oldestAt` says since when',
  workers: '`{items}`: all Workers that `GET /v1/workers` lists',
  schedules: 'the first SchedulePage of 100, without `payload`, and of `nextRuns` the first',
  health: 'what `GET /health/ready` says in `status` and `details`',
  audit: '`{items}`: the newest entry of the audit trail',
};

const kinds = Object.entries(dataOf).map(([event, data]) => `- \`${event}\`: ${data}`);

/** What `GET /v1/events` answers. */
export const liveAnswer: Answer = {
  description: `Messages; by their \`event\`, their \`data\` is:\n\n${kinds.join('\n')}`,
  content: { 'text/event-stream': { schema: { type: 'string' } } },
};
