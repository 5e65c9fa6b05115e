import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

const run = promisify(execFile);
const folder = join(tmpdir(), 'heavylift-test-media');
mkdirSync(folder, { recursive: true });

function ffmpeg(...args: string[]): Promise<unknown> {
  return run(process.env.FFMPEG_PATH ?? 'ffmpeg', ['-v', 'error', '-y', ...args]);
}

const asked = new Map<string, Promise<string>>();

/** Made once per machine. */
function once(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = asked.get(name) ?? madeAt(name, make);
  asked.set(name, path);
  return path;
}

/** Written beside and renamed, so that two test processes may want it at once. */
async function madeAt(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  const fresh = join(folder, `${process.pid}-${name}`);
  await make(fresh);
  await rename(fresh, path);
  return path;
}

/** As a phone films: upright through a rotation mark, H.264 and AAC in a MOV, a place in its metadata. */
export function phoneClip(seconds = 4): Promise<string> {
  return once(`clip-${seconds}s.mov`, async (path) => {
    const flat = path.replace(/\.mov$/, '-flat.mov');
    const sound = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=1280x720:rate=30:duration=${seconds}`,
      ...sound,
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
      flat,
    );
    await ffmpeg(
      '-i',
      flat,
      '-c',
      'copy',
      '-metadata:s:v',
      'rotate=90',
      '-metadata',
      'location=+48.2082+016.3738/',
      path,
    );
  });
}

/** A clip of so many seconds that costs next to nothing to make, and to work on. */
export function tinyClip(seconds: number): Promise<string> {
  const picture = `testsrc2=size=64x48:rate=5:duration=${seconds}`;
  return once(`tiny-${seconds}s.mp4`, (path) =>
    ffmpeg('-f', 'lavfi', '-i', picture, '-pix_fmt', 'yuv420p', path),
  );
}

/** As a phone takes it: 12 megapixels, lying on its side with an EXIF mark that says so. */
export function phonePhoto(width = 4_000, height = 3_000): Promise<string> {
  return once(`photo-${width}x${height}.jpg`, async (path) => {
    const left = await sharp({ create: { width: width / 2, height, channels: 3, background: '#c33' } })
      .png()
      .toBuffer();
    const noise = {
      create: {
        width,
        height,
        channels: 3 as const,
        background: '#357',
        noise: { type: 'gaussian' as const, mean: 120, sigma: 20 },
      },
    };
    await sharp(noise)
      .composite([{ input: left, left: 0, top: 0 }])
      .jpeg({ quality: 90 })
      .withExif({ IFD0: { Make: 'Phone' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withMetadata({ orientation: 6 })
      .toFile(path);
  });
}

/** A clip that breaks off in the middle, before its index. */
export function brokenClip(): Promise<string> {
  return once('broken.mp4', async (path) =>
    writeFile(
      path,
      Buffer.concat([Buffer.from('000000186674797069736f6d00000200', 'hex'), Buffer.alloc(4_000, 7)]),
    ),
  );
}

export function textNamedMp4(): Promise<string> {
  return once('text.mp4', (path) =>
    writeFile(path, 'This is no video. It only says so in its name.\n'.repeat(20)),
  );
}

/** A colourful little picture. */
export function smallPicture(width = 200, height = 150): Promise<string> {
  return once(`small-${width}x${height}.jpg`, async (path) => {
    const noise = {
      create: {
        width,
        height,
        channels: 3 as const,
        background: '#357',
        noise: { type: 'gaussian' as const, mean: 120, sigma: 40 },
      },
    };
    await sharp(noise).jpeg().toFile(path);
  });
}
