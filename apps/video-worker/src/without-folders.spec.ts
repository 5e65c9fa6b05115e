import { describe, expect, it } from '@jest/globals';
import { commandLine, withoutFolders } from './without-folders.js';

describe('what FFmpeg says and is told, for the log of a job', () => {
  it('names files without their folders', () => {
    const said =
      "[mov,mp4 @ 0x5581] file:/var/tmp/run-1/source: Invalid data; '/srv/secret/video.mp4.partial' is empty";
    expect(withoutFolders(said)).toBe(
      "[mov,mp4 @ 0x5581] source: Invalid data; 'video.mp4.partial' is empty",
    );
  });

  it('keeps all of a command line but the folders, also those with a space', () => {
    const args = [
      '-protocol_whitelist',
      'file',
      '-i',
      'file:/my disk/run-1/source',
      '-vf',
      'scale=4:2',
      'file:/my disk/out.mp4',
    ];
    expect(commandLine('/usr/bin/ffmpeg', args)).toBe(
      'ffmpeg -protocol_whitelist file -i source -vf scale=4:2 out.mp4',
    );
  });
});
