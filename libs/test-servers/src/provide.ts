import { canInstallPackages, installPackages } from './debian-packages.ts';
import { findProgram, type Program } from './programs.ts';
import { run } from './run.ts';

/** Where a program comes from: installed files, or (servers only) an official Docker image. */
export type Provision = { readonly from: 'files'; readonly path: string } | { readonly from: 'docker' };

const CURES: Readonly<Record<Program, string>> = {
  rabbitmq: 'install rabbitmq-server, or start Docker, or set TEST_RABBITMQ_URL',
  nats: 'install nats-server, or start Docker, or set TEST_NATS_URL',
  postgres: 'install postgresql, or start Docker, or set TEST_POSTGRES_URL',
  redis: 'install redis-server, or start Docker',
  ffmpeg: 'install ffmpeg, or set FFMPEG_PATH to its file',
  chromium: 'install chromium, or set CHROMIUM_PATH to its file',
};

const IN_DOCKER: ReadonlySet<Program> = new Set<Program>(['rabbitmq', 'nats', 'postgres', 'redis']);

let installing: Promise<void> = Promise.resolve();

/**
 * Finds the programs, installs what is missing (as root on Debian or Ubuntu, in one go) or falls back to Docker.
 * Throws an error that names each thing it cannot have, and the cures.
 */
export async function provide<P extends Program>(programs: readonly P[]): Promise<Record<P, Provision>> {
  await installMissing(programs);
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const docker = missing.some((program) => IN_DOCKER.has(program)) && (await dockerWorks());
  const lost = missing.filter((program) => !docker || !IN_DOCKER.has(program));
  if (lost.length > 0)
    throw new Error(lost.map((program) => `no ${program} found: ${CURES[program]}`).join('\n'));
  return Object.fromEntries(programs.map((program) => [program, provisionOf(program)])) as Record<
    P,
    Provision
  >;
}

function provisionOf(program: Program): Provision {
  const path = findProgram(program);
  return path === undefined ? { from: 'docker' } : { from: 'files', path };
}

/** One installation at a time: three servers that start together would stand in each other's way. */
function installMissing(programs: readonly Program[]): Promise<void> {
  const mine = installing.then(async () => {
    const missing = programs.filter((program) => findProgram(program) === undefined);
    if (missing.length > 0 && canInstallPackages()) await installPackages(missing);
  });
  installing = mine.catch(() => undefined); // The failure belongs to the caller, the next one may still install.
  return mine;
}

async function dockerWorks(): Promise<boolean> {
  try {
    await run('docker', ['info']);
    return true;
  } catch {
    return false; // Not installed, not running or not allowed: all the same here, and the error above names the cures.
  }
}
