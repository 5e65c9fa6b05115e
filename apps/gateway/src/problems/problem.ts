import type { FieldError } from '@heavylift/core';
import { HttpException } from '@nestjs/common';

/** An answer in the form of RFC 9457. `code` is stable and meant for programs; `type` is the same as a URN. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timed out',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  414: 'Path too long',
  415: 'Unsupported type',
  416: 'Range not satisfiable',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available now',
  507: 'Insufficient storage',
};

export function problemBody(
  status: number,
  code: string,
  detail: string,
  errors?: readonly FieldError[],
): ProblemBody {
  const title = titles[status] ?? 'Error';
  return {
    type: `urn:heavylift:problem:${code}`,
    title,
    status,
    code,
    detail,
    ...(errors ? { errors } : {}),
  };
}

/** Throw it to answer with a problem. */
export class Problem extends HttpException {
  constructor(
    status: number,
    code: string,
    detail: string,
    readonly extra: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(problemBody(status, code, detail, extra.errors), status);
  }
}
