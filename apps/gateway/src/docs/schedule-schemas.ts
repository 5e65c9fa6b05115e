import { schemaRef } from '@heavylift/contracts';
import type { JobDefinition } from '@heavylift/core';
import { catchUps } from '../store/index.js';
import { jobOptionsSchema } from './schemas.js';

const time = { type: 'string', format: 'date-time' } as const;
const { runAt: _runAt, delaySeconds: _delaySeconds, ...options } = jobOptionsSchema.properties;

const settings = {
  name: { type: 'string', minLength: 1, maxLength: 100, description: 'No two schedules share one' },
  cron: {
    type: 'string',
    maxLength: 200,
    description:
      'Five fields (minute, hour, day of month, month, day of week), or six with seconds first; also `@daily` and its like',
    example: '30 2 * * MON-FRI',
  },
  timezone: { type: 'string', default: 'UTC', description: 'An IANA name', example: 'Europe/Berlin' },
  catchUp: {
    type: 'string',
    enum: catchUps,
    default: 'one',
    description:
      'What becomes of ticks that no gateway was there for: `skip` runs none, `one` the latest, `all` each',
  },
  paused: { type: 'boolean', default: false },
} as const;

const scheduleOptions = {
  type: 'object',
  additionalProperties: false,
  description: 'As for a job, without its times',
  properties: options,
};

const nextRuns = { type: 'array', items: time, maxItems: 5 } as const;

/** The schemas of what the schedules' routes take and give, by name. */
export const scheduleSchemas = {
  Schedule: {
    type: 'object',
    required: [
      ...['id', 'name', 'cron', 'timezone', 'type', 'payload', 'options', 'catchUp', 'paused'],
      ...['createdAt', 'updatedAt', 'nextRuns'],
    ],
    properties: {
      id: { type: 'string', format: 'uuid' },
      ...settings,
      type: { type: 'string', example: 'video.transcode' },
      payload: { type: 'object' },
      options: scheduleOptions,
      createdAt: time,
      updatedAt: time,
      nextRuns: { ...nextRuns, description: 'The next five; none while it is paused' },
      lastRunAt: { ...time, description: 'When it last made a job' },
      lastJobId: { type: 'string', format: 'uuid' },
    },
  },
  SchedulePage: {
    type: 'object',
    required: ['items'],
    properties: {
      items: { type: 'array', items: { $ref: '#/components/schemas/Schedule' } },
      nextCursor: {
        type: 'string',
        description: 'Give it as `cursor` for the next page; absent on the last',
      },
    },
  },
  SchedulePreview: { type: 'object', required: ['nextRuns'], properties: { nextRuns } },
};

/** The body that makes a schedule, one form for each job type. */
export function scheduleBody(jobTypes: readonly JobDefinition[]): Record<string, unknown> {
  const examples = jobTypes.map((job) => [
    job.name,
    { summary: `${job.description}, on weekdays at half past two`, value: exampleOf(job) },
  ]);
  return {
    schema: { oneOf: jobTypes.map(formOf) },
    examples: Object.fromEntries(examples) as unknown,
  };
}

function formOf(job: JobDefinition): object {
  return {
    type: 'object',
    title: job.name,
    required: ['name', 'cron', 'type', 'payload'],
    additionalProperties: false,
    properties: {
      ...settings,
      type: { type: 'string', enum: [job.name] },
      payload: schemaRef(job.payload),
      options: scheduleOptions,
    },
  };
}

function exampleOf(job: JobDefinition): object {
  return {
    name: `nightly ${job.name}`,
    cron: '30 2 * * MON-FRI',
    timezone: 'Europe/Berlin',
    type: job.name,
    payload: job.example,
    options: { priority: 'low' },
    catchUp: 'one',
  };
}

/** The body that changes one. */
export function schedulePatchBody(): Record<string, unknown> {
  return {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        ...settings,
        type: { type: 'string', example: 'video.transcode' },
        payload: { type: 'object', description: 'As a whole' },
        options: scheduleOptions,
      },
    },
    example: { cron: '0 4 * * *', timezone: 'America/New_York' },
  };
}
