import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findFfmpeg } from './find-ffmpeg.js';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heavylift-find-'));
  for (const name of ['ffmpeg', 'ffprobe', 'other-ffprobe']) {
    await writeFile(join(dir, name), '#!/bin/sh\n');
    await chmod(join(dir, name), 0o755);
  }
});

afterEach(() => rm(dir, { recursive: true }));

describe('findFfmpeg', () => {
  it('takes FFMPEG_PATH as a folder, or as the program with ffprobe beside it', async () => {
    const both = { ffmpeg: join(dir, 'ffmpeg'), ffprobe: join(dir, 'ffprobe') };
    expect(await findFfmpeg({ FFMPEG_PATH: dir })).toEqual(both);
    expect(await findFfmpeg({ FFMPEG_PATH: join(dir, 'ffmpeg') })).toEqual(both);
  });

  it('takes ffprobe from FFPROBE_PATH', async () => {
    const FFPROBE_PATH = join(dir, 'other-ffprobe');
    expect((await findFfmpeg({ FFMPEG_PATH: dir, FFPROBE_PATH })).ffprobe).toBe(FFPROBE_PATH);
    expect((await findFfmpeg({ PATH: dir, FFPROBE_PATH })).ffprobe).toBe(FFPROBE_PATH);
  });

  it('looks through PATH in its order', async () => {
    const later = join(dir, 'later');
    await symlink(dir, later);
    expect((await findFfmpeg({ PATH: `/nowhere:${dir}:${later}` })).ffmpeg).toBe(join(dir, 'ffmpeg'));
  });

  it('says what is wrong with FFMPEG_PATH rather than taking another one', async () => {
    await expect(findFfmpeg({ FFMPEG_PATH: '/nowhere/ffmpeg', PATH: dir })).rejects.toThrow(
      'FFMPEG_PATH: "/nowhere/ffmpeg" is no program that can be run',
    );
    await chmod(join(dir, 'ffprobe'), 0o644);
    await expect(findFfmpeg({ FFMPEG_PATH: dir })).rejects.toThrow('/ffprobe" is no program');
  });

  it('falls back to the npm packages, or names the cures', async () => {
    const found = await findFfmpeg({ PATH: '/nowhere' }).catch((error: Error) => error.message);
    if (typeof found === 'string') expect(found).toMatch(/apt-get install ffmpeg.*FFMPEG_PATH/);
    else expect(found.ffmpeg).toContain('node_modules');
  });
});
