/** What became of a request. `refused`: it did not happen, nobody was there; `unsure`: nobody can tell. */
export type Reply =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'refused' | 'unsure'; readonly why: string };

export interface Question {
  readonly method: string;
  readonly url: string;
  readonly body?: unknown;
  readonly key?: string;
  /** Gives up then, without knowing. */
  readonly withinMs: number;
}

export async function ask({ method, url, body, key, withinMs }: Question): Promise<Reply> {
  try {
    const response = await fetch(url, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(withinMs),
    });
    const text = await response.text();
    return { kind: 'answered', status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch (error) {
    const why = codeOf(error);
    return { kind: why === 'ECONNREFUSED' ? 'refused' : 'unsure', why };
  }
}

function codeOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? `${name}: ${message}`;
}
