import { check } from '@heavylift/core';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { Problem } from '../problems/problem.js';

/** Which dead letters: those with all that is given; at least one of the three must be. */
export class DeadLetterSelection {
  /** A job type. */
  @IsOptional()
  @Matches(/^[a-z][a-z0-9.]{0,99}$/, { message: '$property must be a job type, like video.transcode' })
  type?: string;

  /** The `cause` of a group. */
  @IsOptional()
  @Matches(/^[0-9a-f]{16}$/, { message: '$property must be the cause of a group' })
  cause?: string;

  /** Job ids. */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  ids?: string[];
}

/** The body of `POST /v1/dead-letters/redrive`. */
export class RedriveRequest extends DeadLetterSelection {
  /** What to change in each payload: a JSON merge patch. */
  @IsOptional()
  @IsObject()
  patch?: Record<string, unknown>;

  /** So many a second are let go. Default: all at once. */
  @IsOptional()
  @IsNumber()
  @Min(0.001)
  @Max(10_000)
  perSecond?: number;
}

/** The body of `POST /v1/dead-letters/:id/redrive`. */
export class MendRequest {
  /** The whole payload anew. Default: the one that it had. */
  @IsOptional()
  @IsObject()
  payload?: Record<string, unknown>;
}

/** @throws {Problem} 422 naming each wrong field */
export function parseBody<T extends object>(shape: new () => T, body: unknown): T {
  const { value, errors } = check(shape, body ?? {});
  if (errors.length > 0) throw new Problem(422, 'body.invalid', 'the body is not valid', { errors });
  return value;
}

/** @throws {Problem} 422 when it would select everything by saying nothing */
export function assertSelects(selection: DeadLetterSelection): void {
  if (selection.type ?? selection.cause ?? selection.ids) return;
  throw new Problem(422, 'selection.empty', 'say which: type, cause, ids, or several of them');
}
