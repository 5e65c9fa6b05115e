import { writeFile } from 'node:fs/promises';
import { largestSeed } from '@heavylift/contracts';
import { UnrecoverableError } from '@heavylift/core';
import type { ImagePool } from '../image-pool.js';
import type { PictureFile } from '../image-task.js';
import {
  type GeneratedImages,
  ImageGenerator,
  type GeneratorRun,
  type ImageRequest,
} from './image-generator.js';
import { type FoundPicture, picturesIn } from './images-api-answer.js';
import { badAnswer, failureOf, unreachable } from './images-api-errors.js';
import { type Answer, AnswerTooLongError, postJson } from './post-json.js';

export interface ImagesApiOptions {
  /** Where the API begins, like `https://api.openai.com/v1`. */
  readonly url: string;
  readonly key?: string | undefined;
  readonly model?: string | undefined;
  /** How long one request may take. Default: ten minutes. */
  readonly requestTimeoutMs?: number;
}

const defaultTimeoutMs = 600_000;
const longestAnswerBytes = 128 * 1_024 * 1_024;

/** Any server that speaks OpenAI's images API. The seed is sent when one is given; OpenAI itself takes none and says so. */
export class ImagesApi extends ImageGenerator {
  override readonly name: string;
  readonly #url: URL;
  readonly #options: ImagesApiOptions;
  readonly #images: ImagePool;

  /** The pool looks whether what the server sends are pictures. */
  constructor(options: ImagesApiOptions, images: ImagePool) {
    super();
    this.#url = new URL(options.url);
    this.#url.pathname = `${this.#url.pathname.replace(/\/+$/, '')}/images/generations`;
    this.#options = options;
    this.#images = images;
    this.name = `images API of ${this.#url.host}${options.model ? `, ${options.model}` : ''}`;
  }

  override async generate(request: ImageRequest, run: GeneratorRun): Promise<GeneratedImages> {
    const pictures: PictureFile[] = [];
    // Some servers give one picture however many are asked for.
    while (pictures.length < request.count) {
      const left = request.count - pictures.length;
      const found = await this.#ask(
        { ...request, seed: nextSeed(request.seed, pictures.length), count: left },
        run.signal,
      );
      const files = await this.#save(found.slice(0, left), pictures.length, run);
      pictures.push(...(await this.#inspect(files, run.signal)));
      run.progress(pictures.length / request.count);
    }
    return { pictures, ...(request.seed === undefined ? {} : { seed: request.seed }) };
  }

  async #ask(request: ImageRequest, signal: AbortSignal): Promise<readonly FoundPicture[]> {
    const { key } = this.#options;
    const host = this.#url.host;
    const answer = await this.#post(this.#bodyOf(request), signal);
    if (answer.status < 200 || answer.status >= 300) throw failureOf(answer, { host, key });
    return picturesIn(answer.body, host);
  }

  async #post(body: object, signal: AbortSignal): Promise<Answer> {
    const { key, requestTimeoutMs = defaultTimeoutMs } = this.#options;
    const late = AbortSignal.timeout(requestTimeoutMs);
    try {
      return await postJson(this.#url, body, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        signal: AbortSignal.any([signal, late]),
        maxBytes: longestAnswerBytes,
      });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (error instanceof AnswerTooLongError)
        throw badAnswer(this.#url.host, `sent more than ${longestAnswerBytes} bytes`);
      throw unreachable(
        this.#url.host,
        late.aborted ? `no whole answer within ${requestTimeoutMs / 1_000} s` : codeOf(error),
      );
    }
  }

  #bodyOf({ prompt, seed, width, height, count }: ImageRequest): object {
    const { model } = this.#options;
    return {
      prompt,
      n: count,
      ...(model === undefined ? {} : { model }),
      ...(width === undefined && height === undefined
        ? {}
        : { size: `${width ?? height}x${height ?? width}` }),
      ...(seed === undefined ? {} : { seed }),
      // OpenAI's own models of this family always send the bytes, and refuse to be told so.
      ...(model?.includes('gpt-image') ? {} : { response_format: 'b64_json' }),
    };
  }

  async #save(found: readonly FoundPicture[], made: number, { workspace, signal }: GeneratorRun) {
    const files: { name: string; path: string }[] = [];
    for (const one of found) {
      const name = `picture-${made + files.length + 1}`;
      if ('url' in one) files.push({ name, path: await workspace.fetch(one.url, name) });
      else {
        const path = workspace.path(name);
        await writeFile(path, one.base64, { encoding: 'base64', signal });
        files.push({ name, path });
      }
    }
    return files;
  }

  async #inspect(
    pictures: readonly { name: string; path: string }[],
    signal: AbortSignal,
  ): Promise<readonly PictureFile[]> {
    try {
      return await this.#images.run({ kind: 'inspect', pictures }, signal);
    } catch (error) {
      if (error instanceof UnrecoverableError)
        throw badAnswer(this.#url.host, `sent something else than pictures (${error.message})`, error);
      throw error;
    }
  }
}

function nextSeed(seed: number | undefined, made: number): number | undefined {
  return seed === undefined ? undefined : (seed + made) % (largestSeed + 1);
}

/** Not the message, which may quote what was received. */
function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string')
    return error.code;
  return error instanceof Error ? error.name : 'no reason given';
}
