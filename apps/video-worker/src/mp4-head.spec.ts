import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mp4Seconds } from './mp4-head.js';
import { SampleClips } from './sample-clips.fixtures.js';

describe('mp4Seconds', () => {
  let clips: SampleClips;
  beforeAll(async () => {
    clips = await SampleClips.create();
  });
  afterAll(() => clips.remove());

  it('reads how long an MP4 lasts whose index is at the front', async () => {
    const clip = await clips.clip('front.mp4', 2, ['-movflags', '+faststart']);
    expect(await mp4Seconds(clip)).toBeCloseTo(2, 1);
  });

  it('says nothing of an MP4 whose index is at the end, nor of any other file', async () => {
    await writeFile(clips.path('empty'), '');
    await writeFile(clips.path('text'), 'moov mvhd '.repeat(100));
    const others = [await clips.clip('back.mp4', 1), clips.path('empty'), clips.path('text')];
    expect(await Promise.all(others.map(mp4Seconds))).toEqual([0, 0, 0]);
  });

  it.each([
    ['short numbers', '00', '00000000'.repeat(2) + '000003e8' + '000009c4'],
    ['long numbers', '01', '0000000000000000'.repeat(2) + '000003e8' + '00000000000009c4'],
  ])('reads %s', async (_name, version, times) => {
    const movie = '0000006c' + hex('mvhd') + version + '000000' + times;
    const bytes = `00000010${hex('ftyp')}${hex('isom')}00000200` + `000000ff${hex('moov')}` + movie;
    await writeFile(clips.path('made'), Buffer.from(bytes, 'hex'));
    expect(await mp4Seconds(clips.path('made'))).toBe(2.5);
  });
});

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
