import { check, type FieldError, priorities, type Priority } from '@heavylift/core';
import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { Problem } from '../problems/problem.js';

const yearSeconds = 366 * 24 * 3600;

/** How a job is to be run. Everything may be left out. */
export class JobOptions {
  /** Higher goes first. Default: `normal`. */
  @IsOptional()
  @IsIn(priorities)
  priority?: Priority;

  /** Attempts in all. Default: the job type's. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  maxAttempts?: number;

  /** Time limit of one attempt. Default: the job type's. */
  @IsOptional()
  @IsNumber()
  @Min(1)
  @Max(86_400)
  timeoutSeconds?: number;

  /** The moment to queue it, ISO 8601 with its zone. */
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  @Matches(/T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, {
    message: '$property must be a time with its zone, like 2030-01-31T08:00:00Z',
  })
  runAt?: string;

  /** Seconds to wait before it is queued. */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(yearSeconds)
  delaySeconds?: number;
}

/** The body of `POST /v1/jobs`. */
export class SubmitJob {
  /** Like `video.transcode`. */
  @IsString()
  type!: string;

  /** As the job type's contract says. */
  @IsDefined()
  @IsObject()
  payload!: object;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => JobOptions)
  options?: JobOptions | null;
}

/** Checks the outer form of a request; the payload is the contract's to check. */
export function parseSubmitJob(body: unknown): { job: SubmitJob; errors: readonly FieldError[] } {
  const { value, errors } = check(SubmitJob, withoutPayload(body));
  const payload = (body as { payload?: unknown } | null)?.payload;
  return { job: Object.assign(value, { payload }), errors: [...errors, ...errorsOfTime(value.options)] };
}

/** A payload may be large and is checked on its own: here it only has to be an object. */
function withoutPayload(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || !('payload' in body)) return body;
  const { payload } = body;
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  return { ...body, payload: isObject ? {} : payload };
}

function errorsOfTime(options: JobOptions | null | undefined): FieldError[] {
  if (options?.runAt == null || options.delaySeconds == null) return [];
  return [{ path: 'options.runAt', message: 'cannot go together with delaySeconds' }];
}

/** @throws {Problem} 422 when the list has not 1 to 1,000 jobs */
export function parseBatch(body: unknown): readonly unknown[] {
  const jobs = (body as { jobs?: unknown } | null)?.jobs;
  if (Array.isArray(jobs) && jobs.length >= 1 && jobs.length <= 1_000) return jobs as unknown[];
  throw new Problem(422, 'batch.invalid', 'jobs must be a list of 1 to 1,000 jobs', {
    errors: [{ path: 'jobs', message: 'must be a list of 1 to 1,000 jobs' }],
  });
}
