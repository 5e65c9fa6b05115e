import { execFile } from 'node:child_process';
import { readdir, readFile, truncate, writeFile, copyFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findChildGuard } from './child-guard.js';
import { Ffmpeg } from './ffmpeg.js';
import { type FfmpegPrograms, findFfmpeg } from './find-ffmpeg.js';
import { everythingAbout, h264, pictures, SampleClips, sine } from './sample-clips.fixtures.js';

const never = new AbortController().signal;
const watch = { signal: never };
const installed = await findFfmpeg(process.env);
const fromNpm = await findFfmpeg({ PATH: '' }).catch(() => undefined);
const programs: readonly (readonly [string, FfmpegPrograms])[] = [
  ['installed', installed],
  ...(fromNpm ? ([['npm', fromNpm]] as const) : []),
];

describe.each(programs)('Ffmpeg (%s)', (_, found) => {
  let clips: SampleClips;
  let ffmpeg: Ffmpeg;
  let clip: string;

  beforeAll(async () => {
    clips = await SampleClips.create();
    ffmpeg = new Ffmpeg(found, await findChildGuard());
    clip = await clips.clip('clip.mov', 3);
  });

  afterAll(() => clips.remove());

  const refusal = async (path: string): Promise<string> => {
    const error: unknown = await ffmpeg.probe(path, never).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'UnrecoverableError' });
    return (error as { code: string }).code;
  };

  it('tells its version', async () => {
    expect(await ffmpeg.version()).toMatch(/\d/);
  });

  describe('probe', () => {
    it('tells what is in a video', async () => {
      expect(await ffmpeg.probe(clip, never)).toMatchObject({
        ...{ width: 320, height: 180, videoCodec: 'h264', frameRate: 30, rotation: 0 },
        durationSeconds: expect.closeTo(3, 1),
        audio: { codec: 'aac', channels: 1 },
      });
    });

    it('tells the size of a phone clip as it is seen', async () => {
      const phone = await clips.phoneClip('phone.mov');
      expect(await ffmpeg.probe(phone, never)).toMatchObject({ width: 180, height: 320 });
    });

    it('refuses what is no video', async () => {
      await writeFile(clips.path('text'), 'once upon a time\n'.repeat(100));
      await writeFile(clips.path('empty'), '');
      const picture = await clips.make('picture.png', [...pictures('64x64', 1), '-frames:v', '1']);
      expect(await refusal(clips.path('text'))).toBe('source.not_a_video');
      expect(await refusal(clips.path('empty'))).toBe('source.not_a_video');
      expect(await refusal(picture)).toBe('source.not_a_video');
    });

    it.each([
      [
        'an HLS playlist',
        '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
      ],
      ['a list of files', 'ffconcat version 1.0\nfile clip.mov\n'],
    ])('never follows %s', async (_name, text) => {
      await writeFile(clips.path('list'), text);
      await writeFile(clips.path('list.mp4'), text);
      expect(await refusal(clips.path('list'))).toBe('source.not_a_video');
      expect(['source.not_a_video', 'source.broken']).toContain(await refusal(clips.path('list.mp4')));
    });

    it('refuses a video that is cut off before its index', async () => {
      await copyFile(clip, clips.path('cut'));
      await truncate(clips.path('cut'), 20_000);
      expect(await refusal(clips.path('cut'))).toBe('source.broken');
    });

    it('refuses sound without pictures', async () => {
      expect(await refusal(await clips.make('sound.m4a', [...sine(1), '-c:a', 'aac']))).toBe(
        'source.no_video',
      );
    });

    it('refuses more pixels than a machine should hold', async () => {
      const huge = await clips.make('huge.mov', [...pictures('8448x64', 0.1), ...h264]);
      expect(await refusal(huge)).toBe('source.too_many_pixels');
    });
  });

  describe('transcode', () => {
    it('makes an MP4 that starts before it is loaded whole', async () => {
      const output = clips.path('small.mp4');
      const facts = await ffmpeg.transcode(clip, output, { format: 'mp4', height: 90 }, watch);
      expect(facts).toMatchObject({ width: 160, height: 90, videoCodec: 'h264', audio: { codec: 'aac' } });
      expect(facts.durationSeconds).toBeCloseTo(3, 0);
      const bytes = await readFile(output, 'latin1');
      expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
      const { pictureSeconds, ...probed } = await ffmpeg.probe(output, never);
      expect(facts).toMatchObject({ ...probed, durationSeconds: expect.closeTo(probed.durationSeconds, 1) });
      expect(facts.pictureSeconds).toBeCloseTo(pictureSeconds, 0);
      expect(await everythingAbout(output)).toContain('"pix_fmt": "yuv420p"');
    });

    it('makes a WebM', async () => {
      const options = { format: 'webm', width: 160, height: 160, crf: 40 } as const;
      const facts = await ffmpeg.transcode(clip, clips.path('small.webm'), options, watch);
      expect(facts).toMatchObject({ width: 160, height: 90, videoCodec: 'vp9', audio: { codec: 'opus' } });
    });

    it.each(['mp4', 'webm'] as const)('keeps to a bit rate for %s', async (format) => {
      const sizes: number[] = [];
      for (const videoBitrateKbps of [100, 1_000]) {
        const output = clips.path(`rate-${videoBitrateKbps}.${format}`);
        await ffmpeg.transcode(clip, output, { format, videoBitrateKbps, audio: false }, watch);
        sizes.push((await readFile(output)).length);
      }
      expect(sizes[1]).toBeGreaterThan(sizes[0]! * 3);
      expect(sizes[1]).toBeLessThan((1_000_000 / 8) * 3 * 1.5);
    });

    it('leaves the sound out when asked to, and when there is none', async () => {
      const silent = clips.path('silent.mp4');
      const first = await ffmpeg.transcode(clip, silent, { format: 'mp4', audio: false }, watch);
      const again = await ffmpeg.transcode(silent, clips.path('again.mp4'), { format: 'mp4' }, watch);
      expect([first.audio, again.audio]).toEqual([undefined, undefined]);
    });

    it('turns a phone clip upright and forgets where it was taken', async () => {
      const phone = await clips.phoneClip('phone.mov');
      expect(await everythingAbout(phone)).toContain('+52.5200');
      const facts = await ffmpeg.transcode(phone, clips.path('phone.mp4'), { format: 'mp4' }, watch);
      expect(facts).toMatchObject({ width: 180, height: 320, rotation: 0 });
      expect(await everythingAbout(clips.path('phone.mp4'))).not.toContain('+52.5200');
    });

    it('makes surround sound stereo', async () => {
      const surround = await clips.clip('surround.mov', 1, ['-filter:a', 'pan=5.1(side)|c0=c0|c1=c0|c2=c0']);
      const facts = await ffmpeg.transcode(surround, clips.path('stereo.webm'), { format: 'webm' }, watch);
      expect(facts.audio).toMatchObject({ codec: 'opus', channels: 2 });
    });

    it.each([
      [
        'an odd size and one picture',
        ['-frames:v', '1', '-an', '-vf', 'scale=321:181', '-pix_fmt', 'yuv444p'],
      ],
      ['pixels that are not square', ['-vf', 'setsar=2']],
    ])('copes with %s', async (_name, args) => {
      const odd = await clips.clip('odd.mkv', 1, args);
      const facts = await ffmpeg.transcode(odd, clips.path('odd.mp4'), { format: 'mp4' }, watch);
      expect([facts.width % 2, facts.height % 2]).toEqual([0, 0]);
    });

    it('tells its progress, which never falls and comes near the end', async () => {
      const seen: number[] = [];
      const onProgress = (done: number, total: number): number => seen.push((done / total) * 100);
      const long = await clips.clip('long.mov', 20);
      const options = { format: 'mp4', height: 240 } as const;
      await ffmpeg.transcode(long, clips.path('long.mp4'), options, { signal: never, onProgress });
      // Twice a second, and at its end: how often that is depends on the machine.
      expect(seen.length).toBeGreaterThan(0);
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
      expect(seen.at(-1)).toBeGreaterThan(95);
      expect(seen.at(-1)).toBeLessThan(102);
    });

    it('refuses a video that is cut off behind its index, and leaves no file', async () => {
      const whole = await clips.clip('whole.mp4', 20, ['-movflags', '+faststart']);
      await truncate(whole, Math.round((await readFile(whole)).length / 3));
      const run = ffmpeg.transcode(whole, clips.path('cut.mp4'), { format: 'mp4' }, watch);
      await expect(run).rejects.toMatchObject({ name: 'UnrecoverableError', code: 'source.broken' });
      expect((await readdir(clips.dir)).filter((name) => name.startsWith('cut.mp4'))).toEqual([]);
    });

    it('is gone once an abort has been answered, with what it had written', async () => {
      const abort = new AbortController();
      const onProgress = (): void => abort.abort(new Error('cancelled'));
      const slow = await clips.clip('slow.mov', 30);
      const options = { format: 'webm', height: 720 } as const;
      const run = ffmpeg.transcode(slow, clips.path('slow.webm'), options, {
        signal: abort.signal,
        onProgress,
      });
      await expect(run).rejects.toThrow('cancelled');
      expect((await readdir(clips.dir)).filter((name) => name.startsWith('slow.webm'))).toEqual([]);
      expect(await commandsWith(clips.path('slow.mov'))).toBe('');
    });

    it('ends at a time limit', async () => {
      const slow = await clips.clip('slow.mov', 30);
      const signal = AbortSignal.timeout(300);
      const run = ffmpeg.transcode(
        slow,
        clips.path('late.webm'),
        { format: 'webm', height: 720 },
        { signal },
      );
      await expect(run).rejects.toMatchObject({ name: 'TimeoutError' });
    });
  });

  describe('thumbnail', () => {
    it.each([
      ['jpeg', 'ffd8ff'],
      ['png', '89504e47'],
      ['webp', '52494646'],
    ] as const)('takes a picture as %s', async (format, magic) => {
      const video = await ffmpeg.probe(clip, never);
      const output = clips.path(`picture.${format}`);
      const options = { atSeconds: 1, width: 101, format };
      expect(await ffmpeg.thumbnail(clip, output, video, options, { signal: never })).toEqual({
        width: 101,
        height: 57,
      });
      expect((await readFile(output)).toString('hex').startsWith(magic)).toBe(true);
      expect(JSON.parse(await everythingAbout(output))).toMatchObject({
        streams: [{ width: 101, height: 57 }],
      });
    });

    it('takes the last picture after the end, and another one at the start', async () => {
      const video = await ffmpeg.probe(clip, never);
      const taken = await Promise.all(
        [0, 2.966, 2.99, 9].map(async (atSeconds, i) => {
          const output = clips.path(`at-${i}.png`);
          await ffmpeg.thumbnail(clip, output, video, { atSeconds, format: 'png' }, { signal: never });
          return (await readFile(output)).toString('base64');
        }),
      );
      expect(new Set(taken.slice(1)).size).toBe(1);
      expect(taken[0]).not.toBe(taken[1]);
    });

    it('turns the picture of a phone clip upright', async () => {
      const phone = await clips.phoneClip('phone.mov');
      const video = await ffmpeg.probe(phone, never);
      const options = { atSeconds: 0, format: 'jpeg' } as const;
      const size = await ffmpeg.thumbnail(phone, clips.path('phone.jpg'), video, options, { signal: never });
      expect(size).toEqual({ width: 180, height: 320 });
    });
  });
});

/** The command lines of running programs that name a file. */
async function commandsWith(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(path))
    .join('\n');
}
