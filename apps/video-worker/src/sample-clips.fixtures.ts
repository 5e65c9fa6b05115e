import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Small real clips for specs, made by the FFmpeg of this machine, in a folder that `remove` takes away. */
export class SampleClips {
  private constructor(readonly dir: string) {}

  static async create(): Promise<SampleClips> {
    return new SampleClips(await mkdtemp(join(tmpdir(), 'heavylift-clips-')));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** Runs ffmpeg with these arguments and gives the path of the file. */
  async make(name: string, args: readonly string[]): Promise<string> {
    await execute('ffmpeg', ['-y', '-nostdin', '-loglevel', 'error', ...args, this.path(name)]);
    return this.path(name);
  }

  /** 320x180 at 30 pictures a second with a sine tone, H.264 and AAC. */
  clip(name: string, seconds: number, more: readonly string[] = []): Promise<string> {
    return this.make(name, [
      ...pictures('320x180', seconds),
      ...sine(seconds),
      ...h264,
      '-c:a',
      'aac',
      ...more,
    ]);
  }

  /** As a phone held upright writes it: lying pictures, a rotation of 90 degrees, and the place. */
  async phoneClip(name: string): Promise<string> {
    const lying = await this.clip('lying.mov', 2);
    const place = ['-metadata', 'location=+52.5200+013.4050/'];
    return this.make(name, ['-i', lying, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', ...place]);
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

export const h264 = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'] as const;

export function pictures(size: string, seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30:duration=${seconds}`];
}

export function sine(seconds: number): readonly string[] {
  return ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
}

/** Everything that ffprobe tells of a file, as text. */
export async function everythingAbout(path: string): Promise<string> {
  const args = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', path];
  return (await execute('ffprobe', args)).stdout;
}
