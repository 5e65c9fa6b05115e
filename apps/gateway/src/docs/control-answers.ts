import { type Answer, json, listOf, ref } from './answer.js';

const queue = json('The queue as it stands', ref('Queue'));
const steered = {
  200: json('The worker, which follows', ref('Worker')),
  202: json('It was told, and has not said yet that it follows; the worker as last seen', ref('Worker')),
};

/** What the operations of an operator answer when all is well. */
export const controlAnswers: Readonly<Record<string, Readonly<Record<string, Answer>>>> = {
  'GET /v1/queues': { 200: json('One for each job type', ref('QueueList')) },
  'GET /v1/queues/{name}': { 200: queue },
  'POST /v1/queues/{name}/pause': { 200: queue },
  'POST /v1/queues/{name}/resume': { 200: queue },
  'PUT /v1/queues/{name}/rate': { 200: queue },
  'POST /v1/queues/{name}/purge': { 200: json('How many jobs were cancelled', ref('Purged')) },
  'GET /v1/workers': { 200: json('By name', listOf(ref('Worker'))) },
  'POST /v1/workers/{id}/drain': steered,
  'POST /v1/workers/{id}/resume': steered,
  'PUT /v1/workers/{id}/concurrency': steered,
  'GET /v1/jobs/{id}/why': { 200: json('The one cause', ref('Waiting')) },
  'GET /v1/audit': { 200: json('One page', ref('AuditPage')) },
};
