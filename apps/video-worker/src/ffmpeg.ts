import { rename, rm, stat } from 'node:fs/promises';
import { HeavyliftError, UnrecoverableError } from '@heavylift/core';
import { type ChildGuard, findChildGuard } from './child-guard.js';
import { outputOf, runProgram } from './child-process.js';
import {
  probeArguments,
  readProgress,
  thumbnailArguments,
  type ThumbnailOptions,
  transcodeArguments,
  type TranscodeOptions,
} from './ffmpeg-arguments.js';
import { ffmpegFailure, probeFailure } from './ffmpeg-failure.js';
import { type FfmpegPrograms, findFfmpeg } from './find-ffmpeg.js';
import { outputSize, type Size } from './output-size.js';
import { readPlainMp4 } from './plain-mp4.js';
import { readProbe, type VideoFacts } from './probe.js';
import { checkSourceLimits } from './video-limits.js';
import { commandLine, withoutFolders } from './without-folders.js';

const probeLimitMs = 60_000;
/** How far before a moment without a picture the last picture is looked for. */
const lookBackSeconds = 10;

export interface FfmpegWatch {
  readonly signal: AbortSignal;
  /** Gets what FFmpeg is told to do; without the folders of this machine, like the next. */
  readonly onCommand?: (line: string) => void;
  /** Gets what FFmpeg complains of, line by line. */
  readonly onComplaint?: (line: string) => void;
}

export interface TranscodeWatch extends FfmpegWatch {
  readonly onSource?: (source: VideoFacts) => void;
  /** Seconds that are done, never fewer than before, and seconds in all; 0 in all when the source does not tell. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** The only door to FFmpeg: each call runs it as a child process that an abort ends within 2 s. */
export class Ffmpeg {
  readonly #programs: FfmpegPrograms;
  readonly #guard: ChildGuard;

  constructor(programs: FfmpegPrograms, guard: ChildGuard) {
    this.#programs = programs;
    this.#guard = guard;
  }

  /**
   * The FFmpeg of this machine.
   * @throws {Error} when there is none, naming the cures
   */
  static async find(env: Readonly<Record<string, string | undefined>>): Promise<Ffmpeg> {
    const [programs, guard] = await Promise.all([findFfmpeg(env), findChildGuard()]);
    return new Ffmpeg(programs, guard);
  }

  /** Guards for children that this machine lacks, for the log; see `ChildGuard`. */
  get missingGuards(): readonly string[] {
    return this.#guard.missing;
  }

  /** Like `5.1.9-0+deb12u1`. Rejects when the program does not run. */
  async version(): Promise<string> {
    const text = await outputOf({
      program: this.#programs.ffmpeg,
      args: ['-version'],
      signal: AbortSignal.timeout(probeLimitMs),
    });
    return /^ffmpeg version (\S+)/.exec(text)?.[1] ?? 'unknown';
  }

  /**
   * What is in a video file. The file's name should have no extension: FFmpeg would believe it.
   * @throws {UnrecoverableError} `source.not_a_video`, `source.no_video`, `source.broken`, `source.too_many_pixels`, `source.too_long`
   */
  async probe(path: string, signal: AbortSignal): Promise<VideoFacts> {
    const video = (await readPlainMp4(path)) ?? readProbe(await this.#probeJson(path, signal));
    checkSourceLimits(video);
    return video;
  }

  /**
   * Makes another video of one: the whole of it, or no file at all. Tells what is in the result.
   * @throws {UnrecoverableError} like `probe`, and `output.too_many_pixels`
   */
  async transcode(
    input: string,
    output: string,
    options: TranscodeOptions,
    watch: TranscodeWatch,
  ): Promise<VideoFacts> {
    const source = await this.probe(input, watch.signal);
    watch.onSource?.(source);
    const size = outputSize(source, options, 2);
    return whole(output, async (partial) => {
      const args = transcodeArguments(input, partial, source, size, options);
      const complaints = await this.#run(args, watch, progressOf(source, watch.onProgress));
      // What was finished without a complaint is whole.
      const made = complaints === '' ? await readPlainMp4(partial) : undefined;
      if (made) return made;
      const result = await this.#probeResult(partial, complaints, watch.signal);
      refuseCutOff(
        options.audio === false ? source.pictureSeconds : source.durationSeconds,
        result,
        complaints,
      );
      return result;
    });
  }

  /**
   * Takes the picture that is shown at a moment; after the end, the last one. Tells its size.
   * @throws {UnrecoverableError} `source.broken` when no picture can be read there, `output.too_many_pixels`
   */
  async thumbnail(
    input: string,
    output: string,
    video: VideoFacts,
    options: ThumbnailOptions & { readonly width?: number | undefined },
    watch: FfmpegWatch,
  ): Promise<Size> {
    const size = outputSize(video, { width: options.width }, 1);
    const lookBack = { ...options, atSeconds: Math.max(0, options.atSeconds - lookBackSeconds) };
    return whole(output, async (partial) => {
      await this.#run(thumbnailArguments(input, partial, video, size, options, 'first'), watch);
      if (await isEmpty(partial))
        await this.#run(thumbnailArguments(input, partial, video, size, lookBack, 'last'), watch);
      if (await isEmpty(partial))
        throw new UnrecoverableError(
          'source.broken',
          `the video has no readable picture at ${options.atSeconds} s; it is damaged, or its pictures end before`,
        );
      return size;
    });
  }

  async #probeJson(path: string, signal: AbortSignal): Promise<string> {
    const limit = AbortSignal.timeout(probeLimitMs);
    try {
      return await outputOf({
        program: this.#programs.ffprobe,
        args: probeArguments(path),
        prefix: this.#guard.prefix,
        signal: AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      if (error === limit.reason)
        throw new HeavyliftError('ffmpeg.failed', `ffprobe took longer than ${probeLimitMs / 1_000} s`, {
          cause: error,
        });
      throw probeFailure(error);
    }
  }

  async #run(args: readonly string[], watch: FfmpegWatch, onLine?: (line: string) => void): Promise<string> {
    const program = this.#programs.ffmpeg;
    watch.onCommand?.(commandLine(program, args));
    const onComplaint = (line: string): void => watch.onComplaint?.(withoutFolders(line));
    const run = { program, args, prefix: this.#guard.prefix, signal: watch.signal, onComplaint };
    try {
      return await runProgram({ ...run, ...(onLine ? { onLine } : {}) });
    } catch (error) {
      throw ffmpegFailure(error);
    }
  }

  async #probeResult(path: string, complaints: string, signal: AbortSignal): Promise<VideoFacts> {
    try {
      return readProbe(await this.#probeJson(path, signal));
    } catch (error) {
      if (!(error instanceof UnrecoverableError)) throw error;
      const why = complaints ? 'it is damaged' : 'it is empty';
      throw new UnrecoverableError('source.broken', `no picture could be read from the video; ${why}`, {
        cause: error,
      });
    }
  }
}

/** The file appears under its name only once the work on it is done. */
async function whole<T>(path: string, work: (partial: string) => Promise<T>): Promise<T> {
  const partial = `${path}.partial`;
  try {
    const result = await work(partial);
    await rename(partial, path);
    return result;
  } finally {
    await rm(partial, { force: true });
  }
}

async function isEmpty(path: string): Promise<boolean> {
  const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return !facts?.size;
}

function progressOf(source: VideoFacts, onProgress: TranscodeWatch['onProgress']): (line: string) => void {
  let most = 0;
  return (line) => {
    const done = readProgress(line);
    if (done === undefined || done < most) return;
    most = done;
    onProgress?.(done, source.durationSeconds);
  };
}

/**
 * FFmpeg reads what it can of a file that is cut off, and calls that a success. Only if it also complained: some files tell a
 * wrong duration.
 */
function refuseCutOff(expectedSeconds: number, result: VideoFacts, complaints: string): void {
  if (complaints === '' || result.durationSeconds >= expectedSeconds * 0.9 - 1) return;
  throw new UnrecoverableError(
    'source.broken',
    `the video ends at ${result.durationSeconds.toFixed(1)} s of ${expectedSeconds.toFixed(1)} s; it is cut off or damaged`,
  );
}
