import { eventKinds, jobStatuses, priorities } from '@heavylift/core';

const time = { type: 'string', format: 'date-time' } as const;
const timeOrNull = { ...time, nullable: true } as const;

/** A job as the REST API gives it. */
export const jobSchema = {
  type: 'object',
  required: [
    'id',
    'type',
    'status',
    'priority',
    'progress',
    'attempt',
    'maxAttempts',
    'payload',
    'createdAt',
  ],
  properties: {
    id: { type: 'string', format: 'uuid' },
    type: { type: 'string', example: 'video.transcode' },
    status: {
      type: 'string',
      enum: jobStatuses,
      description: '`succeeded`, `failed` and `cancelled` are final',
    },
    priority: { type: 'string', enum: priorities },
    progress: {
      type: 'object',
      required: ['percent'],
      properties: {
        percent: { type: 'number', minimum: 0, maximum: 100 },
        message: { type: 'string' },
        etaSeconds: {
          type: 'integer',
          minimum: 1,
          description:
            'Until the running attempt ends, at its pace so far. Absent where that cannot be said: not running, at the very beginning, or nothing new for long',
        },
      },
    },
    attempt: { type: 'integer', description: 'From 1; 0 before the first' },
    maxAttempts: { type: 'integer' },
    payload: { type: 'object' },
    result: { type: 'object', nullable: true, description: "As the job type's contract says" },
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' }, retryable: { type: 'boolean' } },
    },
    worker: { type: 'string', nullable: true },
    createdAt: time,
    queuedAt: timeOrNull,
    startedAt: timeOrNull,
    finishedAt: timeOrNull,
    runAt: time,
    nextAttemptAt: time,
    scheduleId: { type: 'string', format: 'uuid', description: 'The schedule that made it' },
    scheduledFor: { ...time, description: 'The tick that it was made for; absent when run by hand' },
  },
} as const;

/** One page of jobs. */
export const jobPageSchema = {
  type: 'object',
  required: ['items'],
  properties: {
    items: { type: 'array', items: { $ref: '#/components/schemas/Job' } },
    nextCursor: { type: 'string', description: 'Give it as `cursor` for the next page; absent on the last' },
  },
} as const;

/** One thing that happened to a job. */
export const jobEventSchema = {
  type: 'object',
  required: ['seq', 'kind', 'at', 'attempt', 'worker'],
  properties: {
    seq: { type: 'integer', description: "Its number in the job's history, from 1; the id on the stream" },
    kind: { type: 'string', enum: eventKinds },
    at: time,
    attempt: { type: 'integer' },
    worker: { type: 'string', nullable: true },
    late: {
      type: 'boolean',
      description:
        'True when it tells how a run ended that the job had gone on without, as of a worker that hung: it changed neither status, result nor files. Else absent',
    },
  },
} as const;

/** What the handlers of a job wrote. */
export const jobLogSchema = {
  type: 'object',
  required: ['items', 'omitted', 'seq'],
  properties: {
    items: {
      type: 'array',
      description: 'Oldest first',
      items: {
        type: 'object',
        required: ['at', 'attempt', 'line'],
        properties: {
          at: time,
          attempt: { type: 'integer' },
          line: {
            type: 'string',
            description: 'At most 2,000 characters. Where a worker left lines out, one says how many',
          },
        },
      },
    },
    omitted: { type: 'integer', description: 'How many lines were written and are not here' },
    seq: {
      type: 'integer',
      description: 'A `logged` of the stream (`logs=true`) with a higher one has lines that are not here',
    },
  },
  example: {
    items: [
      { at: '2030-01-01T00:00:01.250Z', attempt: 1, line: 'source: h264 1920x1080, 93.0 s, audio aac' },
      { at: '2030-01-01T00:00:09.100Z', attempt: 1, line: '… 312 lines left out' },
    ],
    omitted: 312,
    seq: 2,
  },
} as const;

/** A stored file. */
export const assetSchema = {
  type: 'object',
  required: ['id', 'filename', 'mediaType', 'bytes', 'sha256', 'createdAt'],
  properties: {
    id: { type: 'string', description: 'Give it as the `source` of a job' },
    filename: { type: 'string' },
    mediaType: { type: 'string', description: 'As its bytes show it', example: 'video/mp4' },
    bytes: { type: 'integer' },
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    createdAt: time,
  },
} as const;

export const jobOptionsSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    priority: { type: 'string', enum: priorities, default: 'normal', description: 'Higher goes first' },
    maxAttempts: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: "Attempts in all. Default: the job type's",
    },
    timeoutSeconds: {
      type: 'number',
      minimum: 1,
      maximum: 86_400,
      description: "Time limit of one attempt. Default: the job type's",
    },
    runAt: { ...time, description: 'The moment to queue it; not together with delaySeconds' },
    delaySeconds: {
      type: 'number',
      minimum: 0,
      maximum: 31_622_400,
      description: 'Seconds to wait before it is queued',
    },
  },
} as const;

/** RFC 9457. */
export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string', example: 'urn:heavylift:problem:job.invalid' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', example: 'job.invalid' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
  },
} as const;

const percentiles = {
  type: 'object',
  nullable: true,
  required: ['p50', 'p95'],
  properties: { p50: { type: 'integer' }, p95: { type: 'integer' } },
} as const;

const counts = {
  succeeded: { type: 'integer' },
  failed: { type: 'integer' },
  cancelled: { type: 'integer' },
  retried: { type: 'integer', description: 'Attempts that failed and were to be followed by another' },
  waitMs: { ...percentiles, description: 'From queued, or due for another attempt, to started' },
  runMs: { ...percentiles, description: 'Of an attempt' },
} as const;

/** How it went over a span of time. */
export const statisticsSchema = {
  type: 'object',
  required: ['from', 'to', 'pointSeconds', 'totals', 'points'],
  properties: {
    from: time,
    to: time,
    pointSeconds: { type: 'integer' },
    totals: { type: 'object', required: Object.keys(counts), properties: counts },
    points: {
      type: 'array',
      items: {
        type: 'object',
        required: ['at', ...Object.keys(counts), 'ready', 'inFlight', 'broker'],
        properties: {
          at: time,
          ...counts,
          ready: {
            type: 'integer',
            nullable: true,
            description: 'Null where no gateway ran, like the next two',
          },
          inFlight: { type: 'integer', nullable: true },
          broker: { type: 'string', nullable: true, enum: ['up', 'away', null] },
        },
      },
    },
  },
} as const;
