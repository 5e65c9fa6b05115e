import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What the tests run that npm does not bring. */
export type Program = 'rabbitmq' | 'nats' | 'postgres' | 'redis' | 'ffmpeg' | 'chromium';

/**
 * Where an installed program is: the folder with its commands for the servers of many commands (`rabbitmq`,
 * `postgres`), the file itself for the others. `FFMPEG_PATH` and `CHROMIUM_PATH` go first. `undefined` when it is
 * not installed.
 */
export function findProgram(program: Program): string | undefined {
  return FINDERS[program]();
}

const FINDERS: Readonly<Record<Program, () => string | undefined>> = {
  // The folder of the version, not /usr/sbin: the commands there are wrappers that switch user and folder.
  rabbitmq: () =>
    folderWith(
      ['rabbitmq-server', 'rabbitmq-defaults'],
      [...subfolders('/usr/lib/rabbitmq/lib', 'sbin'), ...linkTarget('rabbitmq-server')],
    ),
  nats: () => onPath('nats-server'),
  postgres: () =>
    folderWith(
      ['initdb', 'postgres'],
      [...subfolders('/usr/lib/postgresql', 'bin'), ...linkTarget('postgres')],
    ),
  redis: () => onPath('redis-server'),
  ffmpeg: () => process.env['FFMPEG_PATH'] || onPath('ffmpeg'),
  chromium: () =>
    process.env['CHROMIUM_PATH'] ||
    onPath('chromium') ||
    onPath('chromium-browser') ||
    onPath('google-chrome'),
};

/** Erlang's port mapper, which RabbitMQ needs beside it. */
export function findEpmd(): string | undefined {
  const inside = subfolders('/usr/lib/erlang', 'bin').find((folder) => isExecutable(join(folder, 'epmd')));
  return onPath('epmd') ?? (inside && join(inside, 'epmd'));
}

/** The first file of that name on PATH; the sbin folders are looked at too, which only root has on PATH. */
export function onPath(command: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders
    .filter(Boolean)
    .map((folder) => join(folder, command))
    .find(isExecutable);
}

function linkTarget(command: string): string[] {
  const file = onPath(command);
  return file ? [dirname(realpathSync(file))] : [];
}

function folderWith(commands: readonly string[], folders: readonly string[]): string | undefined {
  return folders.find((folder) => commands.every((command) => isExecutable(join(folder, command))));
}

/** `parent/<version>/last`, the newest version first. */
function subfolders(parent: string, last: string): string[] {
  try {
    const versions = readdirSync(parent).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    return versions.map((version) => join(parent, version, last));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // Absent or not ours to run: the caller looks elsewhere.
  }
}
