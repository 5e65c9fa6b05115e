import { badAnswer } from './images-api-errors.js';

/** A picture in an answer: its bytes, or where they are. */
export type FoundPicture = { readonly base64: string } | { readonly url: string };

/**
 * The pictures in the body of an answer 2xx, one or more.
 * @throws {UnrecoverableError} `generator.bad_answer`
 */
export function picturesIn(body: Buffer, host: string): readonly FoundPicture[] {
  const answer = parsed(body, host) as { readonly data?: unknown } | null;
  const data: unknown = answer?.data;
  if (!Array.isArray(data) || data.length === 0) throw badAnswer(host, 'sent no picture');
  return data.map((one) => pictureIn(one, host));
}

function parsed(body: Buffer, host: string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw badAnswer(host, 'sent no JSON', error);
  }
}

function pictureIn(value: unknown, host: string): FoundPicture {
  const { b64_json: base64, url } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof base64 === 'string') return { base64 };
  // Anything else could be taken for the id of an asset, which is not the server's to choose.
  if (typeof url === 'string' && /^https?:\/\//.test(url)) return { url };
  throw badAnswer(host, 'sent a picture without b64_json or an http(s) url');
}
