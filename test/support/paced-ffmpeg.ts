import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '@heavylift/test-servers';

/**
 * The settings of a worker whose FFmpeg reads its source no faster than one would watch it: a transcode then lasts as long as its clip on any
 * machine, and costs next to nothing. `folder` is where the script that does so is put.
 */
export async function pacedFfmpeg(folder: string): Promise<NodeJS.ProcessEnv> {
  const ffmpeg = process.env.FFMPEG_PATH ?? findProgram('ffmpeg');
  if (!ffmpeg) throw new Error('no ffmpeg was found; install it, or set FFMPEG_PATH');
  const script = join(folder, 'ffmpeg');
  await writeFile(script, `#!/bin/sh\nexec '${ffmpeg}' -re "$@"\n`);
  await chmod(script, 0o755);
  return { FFMPEG_PATH: script, FFPROBE_PATH: join(ffmpeg, '../ffprobe') };
}
