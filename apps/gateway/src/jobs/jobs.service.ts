import { isUrl } from '@heavylift/contracts';
import {
  type FieldError,
  InvalidPayloadError,
  isFinal,
  type JobDefinition,
  type JobEvent,
  parsePayload,
} from '@heavylift/core';
import { checkSourceUrl } from '@heavylift/nestjs';
import type { OutboxRelay } from '../dispatch/index.js';
import { Problem } from '../problems/problem.js';
import {
  GroupCommit,
  type JobRecord,
  type JobStore,
  type LogBatch,
  type NewJob,
  recordOfAccepted,
  type StoredEvent,
} from '../store/index.js';
import { cancelledEvent } from './cancelled-event.js';
import type { RequestKey } from './idempotent-requests.js';
import type { JobQuery } from './job-query.js';
import { missingJob } from './missing-job.js';
import { newJob } from './new-job.js';
import { parseSubmitJob, type SubmitJob } from './submit-job.js';

/** More would help nobody, and could be as many as the body has values. */
const mostErrors = 1_000;
const longestPath = 200;

export interface JobsServiceOptions {
  readonly store: JobStore;
  readonly relay: Pick<OutboxRelay, 'hold' | 'accepted'>;
  readonly jobTypes: ReadonlyMap<string, JobDefinition>;
  readonly allowPrivateSources: boolean;
  /** Records events that the gateway itself makes. */
  readonly record: (events: readonly JobEvent[]) => Promise<unknown>;
  /** Tells the workers of jobs that have ended. */
  readonly tellEnded: (jobs: readonly JobRecord[]) => Promise<void>;
}

/** Takes jobs in: checks them, commits them, and only then answers; dispatch follows. */
export class JobsService {
  readonly #store: JobStore;
  readonly #commits: GroupCommit;
  readonly #jobTypes: ReadonlyMap<string, JobDefinition>;
  readonly #allowPrivateSources: boolean;
  readonly #record: JobsServiceOptions['record'];
  readonly #tellEnded: JobsServiceOptions['tellEnded'];

  constructor(options: JobsServiceOptions) {
    this.#store = options.store;
    this.#commits = new GroupCommit(options.store, { sender: options.relay });
    this.#jobTypes = options.jobTypes;
    this.#allowPrivateSources = options.allowPrivateSources;
    this.#record = options.record;
    this.#tellEnded = options.tellEnded;
  }

  /** @throws {Problem} 422 with every wrong field */
  async submit(body: unknown, key?: RequestKey): Promise<JobRecord> {
    const [job] = await this.#accept([{ body, at: [] }], key);
    return job!;
  }

  /** All or none. @throws {Problem} 422 with every wrong field of every job */
  submitAll(bodies: readonly unknown[], key?: RequestKey): Promise<JobRecord[]> {
    return this.#accept(
      bodies.map((body, i) => ({ body, at: [`jobs[${i}]`] })),
      key,
    );
  }

  /** Every wrong field of a request for a job, as {@link submit} would name them. */
  async errorsOf(body: unknown): Promise<readonly FieldError[]> {
    const { job: request, definition, errors } = this.#check(body);
    if (errors.length > 0 || !definition) return errors;
    return this.#errorsOfSources([{ request, definition, at: [] }]);
  }

  /** Takes jobs that were checked before: all or none, committed when it resolves. */
  async enqueue(jobs: readonly NewJob[], key?: RequestKey): Promise<JobRecord[]> {
    const jobIds = jobs.map((job) => job.id);
    await this.#commits.accept(jobs, key ? [{ ...key, jobIds }] : []);
    return jobs.map((job) => recordOfAccepted(job, Date.now()));
  }

  /** @throws {Problem} 404; 410 when it has expired */
  async get(id: string): Promise<JobRecord> {
    const job = await this.#store.get(id);
    if (!job) throw await missingJob(this.#store, id);
    return job;
  }

  /**
   * Ends a job that has not ended: it never starts, and what runs of it stops. From now on no outcome counts.
   * @throws {Problem} 404; 410 when it has expired; 409 when it has ended otherwise
   */
  async cancel(id: string): Promise<JobRecord> {
    let job = await this.get(id);
    // Again when the job moved on in this very moment: the event must be later than all that is recorded.
    while (!isFinal(job.status)) {
      await this.#record([cancelledEvent(job)]);
      job = await this.get(id);
    }
    if (job.status !== 'cancelled')
      throw new Problem(409, 'job.ended', `the job has ${job.status} already; it cannot be cancelled`);
    await this.#tellEnded([job]);
    return job;
  }

  /** Newest first. */
  list(query: JobQuery): Promise<JobRecord[]> {
    return this.#store.list(query);
  }

  /** What happened to a job after its event number `after`; read in parts, since a long job has many events. */
  async *history(id: string, after = 0): AsyncGenerator<StoredEvent, void, undefined> {
    let last = after;
    for (;;) {
      const events = await this.#store.history(id, last);
      yield* events;
      last = events.at(-1)?.seq ?? last;
      if (events.length === 0) return;
    }
  }

  /** Lines that the job's handlers wrote; only those kept after number `after`. */
  logs(id: string, after = 0): Promise<LogBatch[]> {
    return this.#store.logs(id, after);
  }

  lastLog(id: string): Promise<number> {
    return this.#store.lastLog(id);
  }

  async #accept(
    requests: readonly { body: unknown; at: readonly string[] }[],
    key?: RequestKey,
  ): Promise<JobRecord[]> {
    const errors: FieldError[] = [];
    const jobs: { request: SubmitJob; definition: JobDefinition; at: readonly string[] }[] = [];
    for (const { body, at } of requests) {
      const found = this.#check(body);
      for (const { path, message } of found.errors) errors.push({ path: pathOf(...at, path), message });
      if (errors.length >= mostErrors) throw invalid(errors);
      if (found.definition) jobs.push({ request: found.job, definition: found.definition, at });
    }
    if (errors.length === 0) errors.push(...(await this.#errorsOfSources(jobs)));
    if (errors.length > 0) throw invalid(errors);
    return this.enqueue(
      jobs.map(({ request, definition }) => newJob(request, definition)),
      key,
    );
  }

  #check(body: unknown): { job: SubmitJob; definition?: JobDefinition; errors: readonly FieldError[] } {
    const { job, errors } = parseSubmitJob(body);
    if (errors.length > 0) return { job, errors };
    const definition = this.#jobTypes.get(job.type);
    if (!definition)
      return {
        job,
        errors: [
          { path: 'type', message: `is not known; known are ${[...this.#jobTypes.keys()].join(', ')}` },
        ],
      };
    return { job, definition, errors: errorsOfPayload(definition, job.payload) };
  }

  /** Files that a job is to read must be there, and of the right kind, so that it does not fail later. */
  async #errorsOfSources(
    jobs: readonly { request: SubmitJob; definition: JobDefinition; at: readonly string[] }[],
  ): Promise<FieldError[]> {
    const sources = jobs.flatMap(({ request, definition, at }) =>
      definition
        .sources(request.payload)
        .map((source) => ({ source, definition, path: pathOf(...at, 'payload.source') })),
    );
    const assets = await this.#store.findAssets([
      ...new Set(sources.map(({ source }) => source).filter((s) => !isUrl(s))),
    ]);
    return sources.flatMap(({ source, definition, path }) => {
      const problem = isUrl(source)
        ? checkSourceUrl(source, this.#allowPrivateSources)
        : problemOfAsset(source, assets.get(source)?.mediaType, definition);
      return problem ? [{ path, message: problem }] : [];
    });
  }
}

function errorsOfPayload(definition: JobDefinition, payload: object): readonly FieldError[] {
  try {
    parsePayload(definition, payload);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidPayloadError)) throw error;
    return error.errors.map(({ path, message }) => ({
      path: pathOf('payload', path),
      message,
    }));
  }
}

function problemOfAsset(
  id: string,
  mediaType: string | undefined,
  definition: JobDefinition,
): string | undefined {
  if (mediaType === undefined) return `names no asset: there is no "${id}"`;
  const kind = definition.sourceKind;
  // Bytes that show no type may still be a video that the worker can read; the worker has the last word.
  if (!kind || mediaType.startsWith(`${kind}/`) || mediaType === 'application/octet-stream') return undefined;
  return `is ${mediaType}, but ${definition.name} takes ${kind} files`;
}

function pathOf(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
}

function invalid(errors: readonly FieldError[]): Problem {
  const unknownType =
    errors.length === 1 && errors[0]!.path.endsWith('type') && errors[0]!.message.startsWith('is not known');
  return notValid(unknownType ? 'job.unknown_type' : 'job.invalid', errors);
}

/** 422 with every wrong field, up to 1,000. */
export function notValid(code: string, errors: readonly FieldError[]): Problem {
  return new Problem(422, code, detailOf(errors), {
    errors: errors.slice(0, mostErrors).map(({ path, message }) => ({ path: shortened(path), message })),
  });
}

function detailOf(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (errors.length === 1) return `${shortened(first!.path) || 'the body'} ${first!.message}`;
  return errors.length > mostErrors
    ? `at least ${errors.length} fields are wrong; these are the first ${mostErrors}`
    : `${errors.length} fields are wrong`;
}

/** An unknown field's name is the client's own, of any length. */
function shortened(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path;
}
