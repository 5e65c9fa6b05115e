import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, type Program } from '../../libs/test-servers/src/index.ts';

const call = promisify(execFile);
const packages = ['amqplib', 'nats', 'bullmq', 'ioredis', '@nestjs/microservices', 'pg', 'sharp'];

/** What the figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the last minute, before the run; more than a fraction says that others used the machine. */
  readonly loadBefore: number;
  readonly servers: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, string>>;
}

export async function describeMachine(): Promise<Machine> {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.version,
    loadBefore: Math.round(loadavg()[0]! * 10) / 10,
    servers: {
      RabbitMQ: /rabbitmq_server-([\d.]+)/.exec(findProgram('rabbitmq') ?? '')?.[1] ?? 'unknown',
      NATS: await versionOf('nats', ['--version']),
      PostgreSQL: await versionOf('postgres', ['--version'], 'postgres'),
      Redis: await versionOf('redis', ['--version']),
      FFmpeg: await versionOf('ffmpeg', ['-version']),
    },
    packages: Object.fromEntries(packages.map((name) => [name, versionOfPackage(name)])),
  };
}

async function versionOf(program: Program, args: readonly string[], command?: string): Promise<string> {
  const path = findProgram(program);
  if (path === undefined) return 'none, or in Docker';
  const { stdout } = await call(command ? join(path, command) : path, args);
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
}

function versionOfPackage(name: string): string {
  const file = join(import.meta.dirname, '../../node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
