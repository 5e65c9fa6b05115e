export interface FieldProblem {
  /** Like `variants[0].width`. */
  readonly path: string;
  readonly message: string;
}

/** An answer that is no success (RFC 9457), or none at all: then `status` is 0. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    super(detail);
  }
}

interface ProblemBody {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
}

/** The problem that an answer's text tells; a proxy in between may answer with something else. */
export function problemOf(status: number, text: string): Problem {
  const { title, detail, errors } = parsed(text);
  return new Problem(status, title ?? 'Error', detail ?? `the gateway answered ${status}`, errors);
}

function parsed(text: string): ProblemBody {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    // Not from the gateway: its status is all that can be told.
    return {};
  }
}

export function unreachable(): Problem {
  return new Problem(0, 'No connection', 'the gateway does not answer; check that it runs and try again');
}

/** Whatever was thrown, as a problem to show. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, 'Error', error instanceof Error ? error.message : String(error));
}

/** What is wrong with each field, by its path in the payload. */
export function errorsByPath(problem: Problem | undefined): ReadonlyMap<string, string> {
  const entries = problem?.errors.map(
    (error) => [error.path.replace(/^payload\./, ''), error.message] as const,
  );
  return new Map(entries);
}
