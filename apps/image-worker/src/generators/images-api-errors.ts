import { HeavyliftError, RetryAfterError, UnrecoverableError } from '@heavylift/core';
import type { Answer } from './post-json.js';
import { retryAfterMs } from './retry-after.js';

const longestReason = 300;
/** Of the answers 4xx, those that may be another next time: time-out, conflict, too early, too many requests. */
const passing: readonly number[] = [408, 409, 425, 429];

export interface Asked {
  /** Names the server, without anything secret. */
  readonly host: string;
  /** Never to be shown, not even when the server repeats it. */
  readonly key: string | undefined;
}

/** The error that an answer other than 2xx is. */
export function failureOf({ status, headers, body }: Answer, asked: Asked): HeavyliftError {
  const { host } = asked;
  const said = `${host} answered ${status}${reasonIn(body, asked)}`;
  // Servers that refuse a key like to show a part of it, so what this one says is not repeated.
  if (status === 401)
    return refused(
      `${host} answered 401: it does not take the key; set IMAGE_GENERATOR_KEY_FILE to one that it takes`,
      'generator.unauthorized',
    );
  if (status === 403)
    return refused(
      `${said}; set IMAGE_GENERATOR_KEY_FILE to a key that may do this`,
      'generator.unauthorized',
    );
  if (status === 404) return refused(`${said}; check IMAGE_GENERATOR_URL and IMAGE_GENERATOR_MODEL`);
  if (status >= 300 && status < 400)
    return refused(`${said}; set IMAGE_GENERATOR_URL to the address that it leads to`);
  if (status >= 400 && status < 500 && !passing.includes(status)) return refused(said);
  const waitMs = retryAfterMs(headers['retry-after'], Date.now());
  return waitMs === undefined
    ? new HeavyliftError('generator.failed', said)
    : new RetryAfterError(waitMs, said);
}

/** The server answers, but not as the images API does: trying again would cost again, and give the same. */
export function badAnswer(host: string, what: string, cause?: unknown): UnrecoverableError {
  return new UnrecoverableError(
    'generator.bad_answer',
    `${host} ${what}; is IMAGE_GENERATOR_URL a server of the OpenAI images API?`,
    { cause },
  );
}

/** The server could not be asked, or not to the end: worth another try. */
export function unreachable(host: string, why: string): HeavyliftError {
  return new HeavyliftError('generator.unreachable', `${host} could not be asked for pictures: ${why}`);
}

function refused(message: string, code = 'generator.refused'): UnrecoverableError {
  return new UnrecoverableError(code, message);
}

/** The server's own words, where they are in one of the usual places. */
function reasonIn(body: Buffer, { key }: Asked): string {
  const text = textIn(parsed(body));
  if (text === undefined) return '';
  const safe = key === undefined ? text : text.replaceAll(key, '***');
  return `: ${safe.slice(0, longestReason)}`;
}

function textIn(answer: unknown): string | undefined {
  if (typeof answer === 'string') return answer;
  if (typeof answer !== 'object' || answer === null) return undefined;
  const { error, message, detail } = answer as Readonly<Record<string, unknown>>;
  return textIn(error) ?? textIn(message) ?? textIn(detail);
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    // A page of a proxy, say: the status has to do.
    return undefined;
  }
}
