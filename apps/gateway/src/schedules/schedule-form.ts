import { check, type FieldError } from '@heavylift/core';
import { IsBoolean, IsIn, IsOptional, IsString, Length, Matches, MaxLength } from 'class-validator';
import type { JobOptions } from '../jobs/submit-job.js';
import { type CatchUp, catchUps } from '../store/index.js';
import { problemOfCron, problemOfTimezone } from './cron-times.js';

/** When a schedule runs. */
export class ScheduleForm {
  @IsString()
  @Length(1, 100)
  @Matches(/^\P{Cc}*$/u, { message: '$property must have no control characters' })
  name!: string;

  @IsString()
  @MaxLength(200)
  cron!: string;

  /** Default: UTC. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  timezone?: string | null;

  /** Default: `one`. */
  @IsOptional()
  @IsIn(catchUps)
  catchUp?: CatchUp | null;

  /** Default: false. */
  @IsOptional()
  @IsBoolean()
  paused?: boolean | null;
}

/** What a schedule runs: the fields of a request for a job. */
export interface JobForm {
  readonly type: string;
  readonly payload: object;
  readonly options?: JobOptions | null;
}

/** The two halves of a request body, each to be checked on its own. Of what is no object, the first half is all. */
export function halvesOf(body: unknown): { readonly when: unknown; readonly what: Partial<JobForm> } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { when: body, what: {} };
  const { type, payload, options, ...when } = body as Record<string, unknown>;
  const what = { type, payload, options } as JobForm;
  return { when, what };
}

/** What is wrong with the half that says when. */
export function errorsOfForm(when: unknown): readonly FieldError[] {
  const { value, errors } = check(ScheduleForm, when);
  if (errors.some(({ path }) => path === '')) return errors;
  const { cron, timezone } = value;
  return [
    ...errors,
    ...(errors.some(({ path }) => path === 'cron') ? [] : errorsOf('cron', problemOfCron(cron))),
    ...(timezone == null || errors.some(({ path }) => path === 'timezone')
      ? []
      : errorsOf('timezone', problemOfTimezone(timezone))),
  ];
}

/** A schedule says by its cron when its jobs run. */
export function errorsOfOptions(options: unknown): readonly FieldError[] {
  const { runAt, delaySeconds } = (options ?? {}) as Partial<JobOptions>;
  return [
    ...(runAt == null ? [] : errorsOf('options.runAt', noTime)),
    ...(delaySeconds == null ? [] : errorsOf('options.delaySeconds', noTime)),
  ];
}

const noTime = 'is not for a schedule: its cron says when';

function errorsOf(path: string, problem: string | undefined): FieldError[] {
  return problem === undefined ? [] : [{ path, message: problem }];
}
