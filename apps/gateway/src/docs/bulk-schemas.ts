import { type jobStatuses } from '@heavylift/core';
import { bulkStatuses } from '../jobs/bulk-request.js';

/** What became of a request to do something to many jobs. */
export const bulkAnswerSchema = {
  type: 'object',
  required: ['matched', 'done'],
  properties: {
    matched: { type: 'integer', description: 'Jobs that it could be done to when it began' },
    done: { type: 'integer', description: 'Jobs that it was done to; 0 of a dry run' },
  },
} as const;

/** Bodies of what can be done to many jobs, each with examples. */
export const bulkBodies = {
  '/v1/jobs/cancel': {
    schema: bodyOf(bulkStatuses.cancel),
    examples: {
      count: {
        summary: 'How many queued transcodes would be cancelled?',
        value: { status: 'queued', type: 'video.transcode', dryRun: true },
      },
      cancel: { summary: 'Cancel them', value: { status: 'queued', type: 'video.transcode' } },
    },
  },
  '/v1/jobs/retry': {
    schema: bodyOf(bulkStatuses.retry),
    examples: {
      count: { summary: 'How many would run anew?', value: { status: 'failed', dryRun: true } },
      retry: { summary: 'Let them run anew', value: { status: 'failed', type: 'image.resize' } },
    },
  },
};

function bodyOf(statuses: readonly (typeof jobStatuses)[number][]): object {
  return {
    type: 'object',
    description: 'Which jobs, as in the list; at least one field beside `dryRun`',
    additionalProperties: false,
    properties: {
      status: { type: 'string', enum: statuses, description: 'Default: each of these' },
      type: { type: 'string', description: 'A job type' },
      cause: { type: 'string', description: 'The `cause` of a group of dead letters' },
      scheduleId: { type: 'string', description: 'Only jobs that this schedule made' },
      id: { type: 'string', description: 'A job id or its beginning, of 8 characters or more' },
      dryRun: { type: 'boolean', default: false, description: 'Only counts' },
    },
  };
}
