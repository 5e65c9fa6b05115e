import { contractSchemas, generateImage, schemaRef } from '@heavylift/contracts';
import type { JobDefinition, Logger } from '@heavylift/core';
import { HealthController } from '@heavylift/nestjs';
import { type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import * as swagger from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { HealthCheck } from '@nestjs/terminus';
import { expiredJob } from '../jobs/missing-job.js';
import { ProblemFilter } from '../problems/problem.filter.js';
import { answers } from './answers.js';
import { bulkAnswerSchema, bulkBodies } from './bulk-schemas.js';
import { causeSchema, deadLetterBodies, deadLetterSchema, redrivenSchema } from './dead-letter-schemas.js';
import { applyNotes } from './notes.js';
import { scheduleBody, schedulePatchBody, scheduleSchemas } from './schedule-schemas.js';
import { controlSchemas } from './control-schemas.js';
import {
  assetSchema,
  jobEventSchema,
  jobLogSchema,
  jobOptionsSchema,
  jobPageSchema,
  jobSchema,
  problemSchema,
  statisticsSchema,
} from './schemas.js';

type Operation = Record<string, unknown>;

const problem = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

const exampleId = '01936b2e-7c4a-7d11-9c1e-5f0a4b8d2e63';

/** Of every route of one job. */
const expired = {
  description: 'The job has expired: it ended longer ago than `RETENTION_DAYS`, and was removed',
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      example: expiredJob(exampleId, Date.UTC(2026, 0, 2, 3)).getResponse(),
    },
  },
};
const routeOfJob = /^\/v1\/(jobs|dead-letters)\/\{id\}/;

@Module({})
class DocsModule {}

/** An application, not listening, that answers `/docs/openapi.json` with the document of `app`, and `/docs` with a page to read and try it. */
export async function createDocsApp(
  app: NestFastifyApplication,
  jobTypes: ReadonlyMap<string, JobDefinition>,
  logger: Logger & LoggerService,
): Promise<NestFastifyApplication> {
  const document = describeApi(app, [...jobTypes.values()]);
  const docs = await NestFactory.create<NestFastifyApplication>(DocsModule, new FastifyAdapter(), { logger });
  docs.useGlobalFilters(new ProblemFilter(logger));
  swagger.SwaggerModule.setup('docs', docs, document, {
    jsonDocumentUrl: 'docs/openapi.json',
    customSiteTitle: 'Heavylift API',
  });
  await docs.init();
  await docs.getHttpAdapter().getInstance().ready();
  return docs;
}

function describeApi(app: NestFastifyApplication, jobTypes: readonly JobDefinition[]): OpenAPIObject {
  applyNotes(swagger);
  describeHealth();
  const options = new swagger.DocumentBuilder()
    .setTitle('Heavylift')
    .setDescription('Heavy work, out of the request: submit jobs, follow them, fetch what they made.')
    .setVersion('1')
    .addBearerAuth()
    .build();
  return withContracts(swagger.SwaggerModule.createDocument(app, options), jobTypes);
}

/** What Terminus says of its answers; workers have the same routes, and no document. */
function describeHealth(): void {
  const describe = HealthCheck({ noCache: false, swaggerDocumentation: true });
  for (const route of ['live', 'ready'])
    describe(
      HealthController.prototype,
      route,
      Object.getOwnPropertyDescriptor(HealthController.prototype, route)!,
    );
}

/** The contracts' own schemas and examples, so that the document says what the gateway checks. */
function withContracts(document: OpenAPIObject, jobTypes: readonly JobDefinition[]): OpenAPIObject {
  // The request's own class is said better below, one form for each job type.
  const { SubmitJob: _request, ScheduleForm: _form, ...contracts } = contractSchemas();
  const schemas = {
    ...contracts,
    ...controlSchemas,
    Asset: assetSchema,
    Job: jobSchema,
    JobEvent: jobEventSchema,
    JobLog: jobLogSchema,
    JobPage: jobPageSchema,
    JobOptions: jobOptionsSchema,
    Problem: problemSchema,
    Cause: causeSchema,
    DeadLetter: deadLetterSchema,
    Redriven: redrivenSchema,
    BulkAnswer: bulkAnswerSchema,
    Statistics: statisticsSchema,
    ...scheduleSchemas,
  };
  document.components = { ...document.components, schemas: schemas as never };
  setBody(document, '/v1/jobs', requestOf(jobTypes));
  setBody(document, '/v1/jobs/batch', batchOf(jobTypes));
  for (const [path, body] of Object.entries({ ...deadLetterBodies, ...bulkBodies }))
    setBody(document, path, body);
  setBody(document, '/v1/schedules', scheduleBody(jobTypes));
  setBody(document, '/v1/schedules/{id}', schedulePatchBody(), 'patch');
  setBody(document, '/v1/images/generate', payloadOf(generateImage));
  for (const path of ['/v1/videos', '/v1/images']) setMultipart(document, path, jobTypes);
  describeAnswers(document);
  return document;
}

function requestOf(jobTypes: readonly JobDefinition[]): Operation {
  const examples = jobTypes.map((job) => [
    job.name,
    { summary: job.description, value: { type: job.name, payload: job.example } },
  ]);
  return {
    schema: { oneOf: jobTypes.map(submissionSchema) },
    examples: Object.fromEntries(examples) as unknown,
  };
}

function submissionSchema(job: JobDefinition): Operation {
  return {
    type: 'object',
    title: job.name,
    description: job.description,
    required: ['type', 'payload'],
    additionalProperties: false,
    properties: {
      type: { type: 'string', enum: [job.name] },
      payload: schemaRef(job.payload),
      options: { $ref: '#/components/schemas/JobOptions' },
    },
  };
}

function batchOf(jobTypes: readonly JobDefinition[]): Operation {
  return {
    schema: {
      type: 'object',
      required: ['jobs'],
      properties: {
        jobs: {
          type: 'array',
          minItems: 1,
          maxItems: 1_000,
          items: { oneOf: jobTypes.map(submissionSchema) },
        },
      },
    },
    example: { jobs: jobTypes.slice(0, 2).map((job) => ({ type: job.name, payload: job.example })) },
  };
}

/** The body of a route that takes a payload as it is. */
function payloadOf(job: Pick<JobDefinition, 'payload' | 'example'>): Operation {
  return { schema: schemaRef(job.payload), example: job.example };
}

function setBody(
  document: OpenAPIObject,
  path: string,
  content: Operation,
  method: 'post' | 'patch' = 'post',
): void {
  const operation = document.paths[path]?.[method] as unknown as Operation;
  operation.requestBody = { required: true, content: { 'application/json': content } };
}

/** The form of an upload: the contract's fields, with the file in place of the source. */
function setMultipart(document: OpenAPIObject, path: string, jobTypes: readonly JobDefinition[]): void {
  const name = path === '/v1/videos' ? 'video.transcode' : 'image.resize';
  const job = jobTypes.find((type) => type.name === name);
  if (!job) return;
  const { properties, required } = contractSchemas()[job.payload.name] as {
    properties: Record<string, unknown>;
    required?: string[];
  };
  const { source: _source, ...fields } = properties;
  const schema = {
    type: 'object',
    required: ['file', ...(required ?? []).filter((field) => field !== 'source')],
    properties: { file: { type: 'string', format: 'binary' }, ...fields },
  };
  const operation = document.paths[path]?.post as unknown as Operation;
  operation.requestBody = { required: true, content: { 'multipart/form-data': { schema } } };
}

function describeAnswers(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(item as Record<string, Operation>)) {
      const known = answers[`${method.toUpperCase()} ${path}`];
      if (!known) continue;
      const gone = routeOfJob.test(path) ? { 410: expired } : {};
      operation.responses = { ...known, ...gone, default: problem };
      // A gateway without keys asks for none.
      operation.security = [{ bearer: [] }, {}];
    }
}
