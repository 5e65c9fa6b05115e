const time = { type: 'string', format: 'date-time' } as const;
const nullable = <T extends object>(schema: T): T & { readonly nullable: true } => ({
  ...schema,
  nullable: true,
});
const fieldErrors = {
  type: 'array',
  items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } },
} as const;

/** Dead letters of one cause. */
export const causeSchema = {
  type: 'object',
  required: ['cause', 'type', 'code', 'title', 'jobs', 'firstAt', 'lastAt', 'exampleId'],
  properties: {
    cause: { type: 'string', description: 'Names the group' },
    type: { type: 'string', example: 'video.transcode' },
    code: { type: 'string', example: 'handler.failed' },
    title: { type: 'string', description: 'The message, without what differs from one job to the next' },
    jobs: { type: 'integer' },
    firstAt: time,
    lastAt: time,
    exampleId: { type: 'string', description: 'The youngest job of the group' },
  },
} as const;

const attempt = {
  type: 'object',
  required: ['attempt', 'worker', 'startedAt', 'endedAt', 'outcome', 'lastProgress', 'error'],
  properties: {
    attempt: { type: 'integer' },
    worker: nullable({ type: 'string' }),
    startedAt: nullable(time),
    endedAt: nullable(time),
    outcome: {
      ...nullable({ type: 'string' }),
      description: 'How it ended; null of one whose worker was lost',
    },
    lastProgress: nullable({ type: 'object' }),
    error: nullable({
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' }, stack: { type: 'string' } },
    }),
  },
} as const;

/** A dead letter: the job, with its attempts. */
export const deadLetterSchema = {
  allOf: [
    { $ref: '#/components/schemas/Job' },
    { type: 'object', required: ['attempts'], properties: { attempts: { type: 'array', items: attempt } } },
  ],
} as const;

/** What became of a request to redrive many. */
export const redrivenSchema = {
  type: 'object',
  required: ['redriven', 'refused', 'refusedInAll', 'lastAt'],
  properties: {
    redriven: { type: 'integer' },
    refused: {
      type: 'array',
      description: 'Whose payload, patched, would not be valid; at most 100 are named',
      items: { type: 'object', properties: { id: { type: 'string' }, errors: fieldErrors } },
    },
    refusedInAll: { type: 'integer' },
    lastAt: { ...nullable(time), description: 'When the last of them is let go' },
  },
} as const;

const selection = {
  type: { type: 'string', description: 'A job type' },
  cause: { type: 'string', description: 'The `cause` of a group' },
  ids: { type: 'array', items: { type: 'string' }, maxItems: 1_000, description: 'Job ids' },
} as const;

/** Bodies of the operations on dead letters, each with an example. */
export const deadLetterBodies = {
  '/v1/dead-letters/{id}/redrive': {
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        payload: { type: 'object', description: 'The whole payload anew. Default: the one that it had' },
      },
    },
    example: { payload: { source: 'https://example.com/clip.mov', format: 'mp4' } },
  },
  '/v1/dead-letters/redrive': {
    schema: {
      type: 'object',
      description: 'At least one of type, cause and ids',
      additionalProperties: false,
      properties: {
        ...selection,
        patch: { type: 'object', description: 'A JSON merge patch (RFC 7396) for each payload' },
        perSecond: { type: 'number', description: 'So many a second are let go. Default: all at once' },
      },
    },
    example: { type: 'video.transcode', patch: { height: 480 }, perSecond: 10 },
  },
  '/v1/dead-letters/discard': {
    schema: {
      type: 'object',
      description: 'At least one of type, cause and ids',
      additionalProperties: false,
      properties: selection,
    },
    example: { cause: '0123456789abcdef' },
  },
} as const;
