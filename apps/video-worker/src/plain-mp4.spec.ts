import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { probeArguments } from './ffmpeg-arguments.js';
import { readPlainMp4 } from './plain-mp4.js';
import { readProbe, type VideoFacts } from './probe.js';
import { h264, pictures, SampleClips, sine } from './sample-clips.fixtures.js';

describe('readPlainMp4', () => {
  let clips: SampleClips;
  beforeAll(async () => {
    clips = await SampleClips.create();
  });
  afterAll(() => clips.remove());

  it.each([
    ['with its index behind', []],
    ['with its index in front', ['-movflags', '+faststart']],
    ['in stereo', ['-ac', '2']],
    ['without sound', ['-an']],
    ['whose sound is longer', ['-t', '1.5', '-af', 'apad=pad_dur=1', '-shortest']],
  ])('says of an MP4 %s what ffprobe says', async (_what, more) => {
    const clip = await clips.clip('plain.mp4', 2, more);
    const { durationSeconds, pictureSeconds, ...facts } = await probed(clip);
    expect(await readPlainMp4(clip)).toEqual({
      ...facts,
      durationSeconds: expect.closeTo(durationSeconds, 1),
      pictureSeconds: expect.closeTo(pictureSeconds, 1),
    });
  });

  it('names the streams as they lie in the file', async () => {
    const soundFirst = ['-map', '1:a', '-map', '0:v'];
    const clip = await clips.clip('sound-first.mp4', 1, soundFirst);
    expect(await readPlainMp4(clip)).toMatchObject({ videoStream: 1, audio: { stream: 0 } });
  });

  it.each([
    ['of a phone, turned', 'turned.mp4', ['-vf', 'scale=320:180'], ['-metadata:s:v:0', 'rotate=90']],
    ['whose pixels are not square', 'wide.mp4', ['-vf', 'setsar=4/3'], []],
    ['with surround sound', 'surround.mp4', ['-ac', '6'], []],
    ['with another codec', 'mpeg4.mp4', ['-c:v', 'mpeg4'], []],
    ['with another sound', 'mp3.mp4', ['-c:a', 'libmp3lame'], []],
    ['with two sounds', 'two.mp4', ['-map', '0:v', '-map', '1:a', '-map', '1:a'], []],
    ['in fragments', 'fragments.mp4', ['-movflags', 'frag_keyframe+empty_moov'], []],
    ['that is a QuickTime film', 'film.mov', [], []],
    ['that is a Matroska film', 'film.mkv', [], []],
  ])('leaves one %s to ffprobe', async (_what, name, more, whenCopied) => {
    const made = await clips.clip(name, 1, more);
    const clip =
      whenCopied.length === 0
        ? made
        : await clips.make(`copied-${name}`, ['-i', made, '-c', 'copy', ...whenCopied]);
    expect(await readPlainMp4(clip)).toBeUndefined();
  });

  it('leaves pictures alone and sound alone to ffprobe when it does not know them', async () => {
    const sound = await clips.make('sound.mp4', [...sine(1), '-c:a', 'aac']);
    const twice = await clips.make('twice.mp4', [...pictures('64x64', 1), ...h264, '-map', '0', '-map', '0']);
    expect(await Promise.all([sound, twice].map(readPlainMp4))).toEqual([undefined, undefined]);
  });

  it('takes whatever a file holds', async () => {
    const whole = await readFile(await clips.clip('whole.mp4', 1, ['-movflags', '+faststart']));
    const indexEnds = 32 + whole.readUInt32BE(32);
    const broken = clips.path('broken');
    for (let at = 0; at < indexEnds; at += 11) {
      await writeFile(broken, whole.subarray(0, at));
      expect(await readPlainMp4(broken)).toBeUndefined();
      const changed = Buffer.from(whole);
      changed.fill(0xff, at, at + 4);
      await writeFile(broken, changed);
      await expect(readPlainMp4(broken)).resolves.not.toBeNull();
    }
  });
});

/** By ffprobe itself. */
async function probed(path: string): Promise<VideoFacts> {
  const { stdout } = await promisify(execFile)('ffprobe', probeArguments(path));
  return readProbe(stdout);
}
