import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { onPath, type Program } from './programs.ts';
import { run } from './run.ts';

const PACKAGES: Readonly<Record<Program, string>> = {
  rabbitmq: 'rabbitmq-server',
  nats: 'nats-server',
  postgres: 'postgresql',
  redis: 'redis-server',
  ffmpeg: 'ffmpeg',
  chromium: 'chromium',
};

const POLICY = '/usr/sbin/policy-rc.d';

/** True on Debian and its relatives as root: where `installPackages` may be called. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && onPath('apt-get') !== undefined && existsSync('/etc/debian_version');
}

/** Installs what the programs need from the distribution, and says so on the terminal. No service is started. */
export async function installPackages(programs: readonly Program[]): Promise<void> {
  const packages = programs.map((program) => PACKAGES[program]);
  console.log(`installing with apt-get: ${packages.join(' ')}`);
  const allowServices = forbidServices();
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const lock = ['-o', 'DPkg::Lock::Timeout=300'];
    await run('apt-get', ['update', '-qq', ...lock], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...lock, ...packages], { env });
  } finally {
    allowServices();
  }
}

/**
 * A fresh server package starts its service on the default port, in the way of whatever the machine runs there.
 * Debian asks this file first; one that the machine already has is left alone. Returns the way back.
 */
function forbidServices(): () => void {
  if (existsSync(POLICY)) return () => undefined;
  const mark = `#!/bin/sh\n# heavylift tests ${process.pid}\nexit 101\n`;
  writeFileSync(POLICY, mark, { mode: 0o755 });
  const allow = (): void => {
    process.off('exit', allow);
    if (existsSync(POLICY) && readFileSync(POLICY, 'utf8') === mark) rmSync(POLICY);
  };
  process.once('exit', allow);
  return allow;
}
