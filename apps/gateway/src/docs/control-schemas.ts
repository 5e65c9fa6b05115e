import { waitCauses } from '../jobs/cause-of-waiting.js';

const time = { type: 'string', format: 'date-time' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const lanes = { type: 'object', properties: { high: count, normal: count, low: count } } as const;

const queueSchema = {
  type: 'object',
  required: [
    'name',
    'ready',
    'inFlight',
    'deadLettered',
    'workers',
    'paused',
    'ratePerMinute',
    'oldestSeconds',
    'oldestAt',
    'lanes',
  ],
  properties: {
    name: { type: 'string', description: 'The job type', example: 'image.resize' },
    ready: { ...count, description: 'Waiting for a worker' },
    inFlight: { ...count, description: 'With a worker' },
    deadLettered: { ...count, nullable: true, description: 'null while the broker is away' },
    workers: { ...count, description: 'Workers that take jobs from it' },
    paused: { type: 'boolean' },
    ratePerMinute: { type: 'number', nullable: true, description: 'Starts a minute, over all workers' },
    oldestSeconds: { ...count, description: 'How long the first in line waits; 0 when none does' },
    oldestAt: { ...time, nullable: true, description: 'Since when the first in line waits' },
    lanes: { ...lanes, description: '`ready` by priority' },
  },
} as const;

const queueListSchema = {
  type: 'object',
  required: ['items', 'broker'],
  properties: {
    items: { type: 'array', items: { $ref: '#/components/schemas/Queue' } },
    broker: {
      type: 'string',
      enum: ['up', 'away'],
      description: '`away`: the counts are those of the job store',
    },
  },
} as const;

const workerSchema = {
  type: 'object',
  required: [
    'id',
    'app',
    'status',
    'host',
    'pid',
    'version',
    'startedAt',
    'lastSeenAt',
    'jobTypes',
    'concurrency',
    'busy',
    'running',
    'cpuPercent',
    'rssBytes',
    'eventLoopLagMs',
  ],
  properties: {
    id: { type: 'string', example: 'video-worker@host-1:4711' },
    app: { type: 'string', example: 'video-worker' },
    status: {
      type: 'string',
      enum: ['running', 'draining', 'drained', 'lost', 'stopped'],
      description: '`lost`: silent for 25 seconds; `stopped`: it said goodbye',
    },
    host: { type: 'string' },
    pid: { type: 'integer' },
    version: { type: 'string' },
    startedAt: time,
    lastSeenAt: time,
    jobTypes: { type: 'array', items: { type: 'string' } },
    concurrency: { type: 'integer', minimum: 1, description: 'Jobs at a time' },
    busy: { ...count, description: 'Jobs in hand' },
    running: {
      type: 'array',
      description: 'The first hundred of them',
      items: {
        type: 'object',
        required: ['jobId', 'type', 'attempt', 'startedAt'],
        properties: {
          jobId: { type: 'string' },
          type: { type: 'string' },
          attempt: { type: 'integer' },
          startedAt: time,
        },
      },
    },
    cpuPercent: { type: 'number', description: 'Of one core, without child processes' },
    rssBytes: { ...count, description: 'Without child processes' },
    eventLoopLagMs: { type: 'number', description: 'The longest of the last seconds' },
  },
} as const;

const waitingSchema = {
  type: 'object',
  required: ['jobId', 'status', 'cause', 'message', 'unblock'],
  properties: {
    jobId: { type: 'string' },
    status: { type: 'string' },
    cause: { type: 'string', enum: waitCauses },
    message: { type: 'string' },
    unblock: { type: 'string', description: 'What would let it run' },
    position: { type: 'integer', minimum: 1, description: 'In its lane' },
    ahead: { ...count, description: 'All that go before it: in its lane, and in higher ones' },
    until: { ...time, description: 'When it goes on by itself' },
  },
} as const;

const auditPageSchema = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'at', 'who', 'action', 'target', 'detail'],
        properties: {
          id: { type: 'string' },
          at: time,
          who: { type: 'string', description: "The API key's name; `local` where no keys are set" },
          action: { type: 'string', example: 'queue.pause' },
          target: { type: 'string', example: 'image.resize' },
          detail: { type: 'object' },
        },
      },
    },
    nextCursor: { type: 'string' },
  },
} as const;

const purgedSchema = {
  type: 'object',
  required: ['cancelled'],
  properties: { cancelled: { ...count, description: 'Jobs that were cancelled' } },
} as const;

/** What an operator sees and steers. */
export const controlSchemas = {
  Queue: queueSchema,
  QueueList: queueListSchema,
  Purged: purgedSchema,
  Worker: workerSchema,
  Waiting: waitingSchema,
  AuditPage: auditPageSchema,
} as const;
