import { describe, expect, it } from '@jest/globals';
import { ProgramFailedError } from './child-process.js';
import { ffmpegFailure, probeFailure } from './ffmpeg-failure.js';

function ended(stderr: string, signal: NodeJS.Signals | null = null): ProgramFailedError {
  const message = `ffmpeg ended with ${signal ?? 'exit code 1'}`;
  return new ProgramFailedError(message, { code: signal ? null : 1, signal, stderr });
}

describe('ffmpegFailure', () => {
  it('gives up on a damaged source', () => {
    expect(ffmpegFailure(ended('x\n/tmp/a/source: Invalid data found when processing input'))).toMatchObject({
      name: 'UnrecoverableError',
      code: 'source.broken',
      message: 'the video is damaged: source: Invalid data found when processing input',
    });
  });

  it.each([
    ['a full disk', ended('av_interleaved_write_frame(): No space left on device'), 'worker.disk_full'],
    ['a kill', ended('', 'SIGKILL'), 'ffmpeg.failed'],
    ['too little memory', ended('malloc of size 1: Cannot allocate memory'), 'ffmpeg.failed'],
    ['what it does not know', ended('Unknown encoder libx264'), 'ffmpeg.failed'],
  ])('leaves %s to another attempt', (_, error, code) => {
    for (const failure of [ffmpegFailure(error), probeFailure(error)])
      expect(failure).toMatchObject({ name: 'HeavyliftError', code, cause: error });
  });

  it('says the last words of the program, without the folders of the worker', () => {
    const error = ended('first\n[out @ 0x1] cannot write file:/tmp/heavylift-1/video.mp4.partial: denied');
    expect(ffmpegFailure(error)).toMatchObject({
      message: 'ffmpeg ended with exit code 1: [out @ 0x1] cannot write video.mp4.partial: denied',
    });
  });

  it('passes on the reason of an abort', () => {
    const reason = new Error('cancelled');
    expect(ffmpegFailure(reason)).toBe(reason);
  });
});
