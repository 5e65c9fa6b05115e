import { eventKinds } from '@heavylift/core';
import { type Answer, json, listOf, ref } from './answer.js';
import { controlAnswers } from './control-answers.js';
import { liveAnswer } from './live-answer.js';

const bytes = { schema: { type: 'string', format: 'binary' } };

const accepted = json('Accepted: stored, and will reach one final status', ref('Job'));

/** What each operation answers when all is well, by its method and path, then by status. */
export const answers: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  ...controlAnswers,
  'POST /v1/jobs': { 202: accepted },
  'POST /v1/videos': { 202: accepted },
  'POST /v1/images': { 202: accepted },
  'POST /v1/images/generate': { 202: accepted },
  'POST /v1/jobs/batch': { 202: json('All are accepted; in the order of the request', listOf(ref('Job'))) },
  'GET /v1/jobs': { 200: json('One page', ref('JobPage')) },
  'GET /v1/jobs/{id}': { 200: json('The job as it stands', ref('Job')) },
  'POST /v1/jobs/{id}/cancel': { 200: json('The job, cancelled', ref('Job')) },
  'GET /v1/jobs/{id}/logs': { 200: json('Empty where no handler wrote any', ref('JobLog')) },
  'GET /v1/jobs/{id}/history': {
    200: json('In the order in which they were recorded', listOf(ref('JobEvent'))),
  },
  'GET /v1/jobs/{id}/events': {
    200: {
      description: `Messages whose \`event\` is one of ${eventKinds.join(', ')}, \`late\` for a late outcome, or \`end\`, and whose \`data\` is a JobEvent; or, with \`logs=true\`, \`logged\` and a JobLog of the newest lines`,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
  },
  'GET /v1/events': { 200: liveAnswer },
  'POST /v1/jobs/{id}/retry': { 202: json('The job, queued again', ref('Job')) },
  'POST /v1/jobs/cancel': { 200: json('How many there were, and how many are cancelled', ref('BulkAnswer')) },
  'POST /v1/jobs/retry': { 200: json('How many there were, and how many run anew', ref('BulkAnswer')) },
  'GET /v1/dead-letters': { 200: json('The groups, the largest first', listOf(ref('Cause'))) },
  'GET /v1/dead-letters/{id}': { 200: json('The job, with its attempts', ref('DeadLetter')) },
  'DELETE /v1/dead-letters/{id}': { 204: { description: 'Forgotten' } },
  'POST /v1/dead-letters/{id}/redrive': { 202: json('The job, queued again', ref('Job')) },
  'POST /v1/dead-letters/redrive': { 202: json('How many run anew', ref('Redriven')) },
  'POST /v1/dead-letters/discard': {
    200: json('How many were forgotten', { type: 'object', properties: { discarded: { type: 'integer' } } }),
  },
  'GET /v1/statistics': { 200: json('All points of the span, the empty ones too', ref('Statistics')) },
  'POST /v1/schedules': { 201: json('Made; `Location` says where it is', ref('Schedule')) },
  'GET /v1/schedules': { 200: json('One page', ref('SchedulePage')) },
  'GET /v1/schedules/preview': { 200: json('In order', ref('SchedulePreview')) },
  'GET /v1/schedules/{id}': { 200: json('The schedule as it stands', ref('Schedule')) },
  'PATCH /v1/schedules/{id}': { 200: json('The schedule, changed', ref('Schedule')) },
  'DELETE /v1/schedules/{id}': { 204: { description: 'Removed' } },
  'POST /v1/schedules/{id}/pause': { 200: json('The schedule, paused', ref('Schedule')) },
  'POST /v1/schedules/{id}/resume': { 200: json('The schedule, resumed', ref('Schedule')) },
  'POST /v1/schedules/{id}/run': { 202: accepted },
  'POST /v1/assets': { 201: json('Stored', ref('Asset')) },
  'GET /v1/assets/{id}': { 200: json('The facts', ref('Asset')) },
  'GET /v1/assets/{id}/content': {
    200: { description: 'The whole file', content: { '*/*': bytes } },
    206: { description: 'The part that `Range` asks for', content: { '*/*': bytes } },
    304: { description: 'The client has it: its `If-None-Match` names the ETag' },
  },
  'DELETE /v1/assets/{id}': { 204: { description: 'Removed' } },
};
