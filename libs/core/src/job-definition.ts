import { type Duration, toMs } from './duration.js';
import { exponential, type RetryPolicy } from './retry-policy.js';

/** A class whose class-validator decorators say what is valid. */
export type Class<T extends object> = new () => T;

/** A job type as a value: producer and handler import the same one. Made by {@link defineJob}. */
export interface JobDefinition<P extends object = object, R extends object = object> {
  /** `<area>.<verb>`, like `video.transcode`; also the name of its queue. */
  readonly name: string;
  /** Grows when an older worker could not handle a new payload. */
  readonly version: number;
  readonly description: string;
  readonly payload: Class<P>;
  readonly result: Class<R>;
  /** A valid payload, shown in the docs and posted by a test. */
  readonly example: P;
  readonly retry: RetryPolicy;
  /** How long one attempt may run. */
  readonly timeoutMs: number;
  /** The files that a payload reads: asset ids or http(s) URLs. Default: none. */
  sources(payload: P): readonly string[];
  /** What kind of file a source is, the first half of its media type, like `video`. */
  readonly sourceKind?: 'video' | 'image';
}

export interface JobDefinitionInput<P extends object, R extends object> {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly payload: Class<P>;
  readonly result: Class<R>;
  readonly example: P;
  /** Default: 3 attempts, 2 s to 5 min apart. */
  readonly retry?: RetryPolicy;
  /** Default: `'30m'`; at most `'24h'`. */
  readonly timeout?: Duration;
  readonly sources?: (payload: P) => readonly string[];
  readonly sourceKind?: 'video' | 'image';
}

const namePattern = /^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+$/;
export const longestTimeoutMs = toMs('24h');

/**
 * Declares a job type.
 * @throws {RangeError} at import, when the name, version or timeout cannot be
 */
export function defineJob<P extends object, R extends object>(
  input: JobDefinitionInput<P, R>,
): JobDefinition<P, R> {
  const timeoutMs = toMs(input.timeout ?? '30m');
  if (!namePattern.test(input.name))
    throw new RangeError(`job name "${input.name}" must look like "video.transcode"`);
  if (!Number.isInteger(input.version) || input.version < 1)
    throw new RangeError(`version of job "${input.name}" must be a whole number from 1`);
  if (timeoutMs <= 0 || timeoutMs > longestTimeoutMs)
    throw new RangeError(`timeout of job "${input.name}" must be over 0 and at most 24h`);
  return Object.freeze({
    ...input,
    timeoutMs,
    retry: input.retry ?? exponential({ attempts: 3, first: '2s', limit: '5m' }),
    sources: input.sources ?? (() => []),
  });
}

/** The type on the wire, like `heavylift.job.video.transcode.v1`. */
export function commandType(job: Pick<JobDefinition, 'name' | 'version'>): string {
  return `heavylift.job.${job.name}.v${job.version}`;
}
