import { HeavyliftError, UnrecoverableError } from '@heavylift/core';
import { ProgramFailedError } from './child-process.js';
import { withoutFolders } from './without-folders.js';

/** Which of its words mean that trying again cannot help. The first that is found counts. */
const permanent: readonly (readonly [RegExp, string, string])[] = [
  [
    /not on whitelist/i,
    'source.not_a_video',
    'the file is of a kind that is not read, like a playlist or a picture',
  ],
  [/moov atom not found/i, 'source.broken', 'the video is cut off or damaged: its index is missing'],
  [/EBML header parsing failed/i, 'source.broken', 'the video is cut off or damaged'],
  [
    /picture size .* (invalid|exceeds)|max_pixels/i,
    'source.too_many_pixels',
    'the video has too many pixels',
  ],
];

const wrongInput = /invalid data found when processing input|end of file|invalid argument/i;

/** What a failed ffprobe says about the source. */
export function probeFailure(error: unknown): unknown {
  const known = sourceFault(error);
  if (known) return known;
  if (error instanceof ProgramFailedError && error.exitCode !== undefined && wrongInput.test(error.stderr))
    return new UnrecoverableError(
      'source.not_a_video',
      'the file is no video; give an MP4, MOV, WebM, MKV, AVI, MPEG, FLV, OGG, WMV or GIF',
      { cause: error },
    );
  return unknownFailure(error);
}

/** What a failed ffmpeg says about the source, once ffprobe could read it. */
export function ffmpegFailure(error: unknown): unknown {
  const known = sourceFault(error);
  if (known) return known;
  if (error instanceof ProgramFailedError && /invalid data found when processing input/i.test(error.stderr))
    return new UnrecoverableError('source.broken', `the video is damaged: ${lastWords(error)}`, {
      cause: error,
    });
  return unknownFailure(error);
}

function sourceFault(error: unknown): UnrecoverableError | undefined {
  if (!(error instanceof ProgramFailedError)) return undefined;
  const [, code, message] = permanent.find(([words]) => words.test(error.stderr)) ?? [];
  return code && message ? new UnrecoverableError(code, message, { cause: error }) : undefined;
}

/** The machine may be at fault (memory, disk, a kill): it is worth another attempt. */
function unknownFailure(error: unknown): unknown {
  if (!(error instanceof ProgramFailedError)) return error;
  if (/no space left on device/i.test(error.stderr))
    return new HeavyliftError('worker.disk_full', 'the disk of the worker is full; free some space', {
      cause: error,
    });
  return new HeavyliftError('ffmpeg.failed', [error.message, lastWords(error)].filter(Boolean).join(': '), {
    cause: error,
  });
}

/** The last line that it said, without the folders of the worker. */
function lastWords(error: ProgramFailedError): string {
  const line = error.stderr.split('\n').at(-1) ?? '';
  return withoutFolders(line).slice(0, 500);
}
