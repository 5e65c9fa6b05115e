import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

// Each starts a few processes, one after the other, on a machine that may have other things to do.
jest.setTimeout(240_000);

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'heavylift-settings-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Right in all, on nothing that is there: what is tested is what one change does to it. */
function settings(app: string, changes: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...(app === 'standalone' ? {} : { BROKER_URL: 'amqp://127.0.0.1:1' }),
    DATABASE_URL: `sqlite:${folder}/heavylift.db`,
    STORAGE_URL: `file:${folder}/files`,
    PORT: '0',
    ...changes,
  };
}

const apps = ['standalone', 'gateway', 'video-worker', 'image-worker'] as const;
type App = (typeof apps)[number];

/** Runs a process to its end, with all that it says. */
function run(
  app: App,
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Promise<{ code: number; lines: string[] }> {
  const entry = join(import.meta.dirname, '../../apps', app, 'dist/main.js');
  const options = { env: { PATH: process.env.PATH, ...env }, timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, ...args], options, (error, stdout, stderr) => {
      const lines = (stdout + stderr).split('\n').filter((line) => line !== '');
      resolve({ code: error ? Number(error.code) : 0, lines });
    });
  });
}

async function refusal(app: App, changes: NodeJS.ProcessEnv): Promise<string> {
  const { code, lines } = await run(app, settings(app, changes));
  expect({ code, lines }).toEqual({ code: 78, lines: [expect.any(String)] });
  return lines[0]!;
}

describe('a wrong setting ends a process with 78 and one line', () => {
  const wrong: readonly (readonly [App, string, string, string])[] = [
    ['gateway', 'DATABASE_URL', 'mysql://h/d', 'sqlite:./path or postgres://'],
    ['gateway', 'PORT', '65536', 'a whole number from 0 to 65535'],
    ['gateway', 'MAX_UPLOAD_BYTES', '2GB', 'a whole number from 1'],
    ['gateway', 'RETENTION_DAYS', 'a week', 'a whole number of days from 0 to 36500'],
    ['gateway', 'ALLOW_PRIVATE_SOURCES', 'yes', 'true or false'],
    ['video-worker', 'CONCURRENCY', '0', 'a whole number from 1 to 1000'],
    ['image-worker', 'PORT', 'http', 'a whole number from 0 to 65535'],
    ['image-worker', 'IMAGE_GENERATOR_URL', 'ftp://h/v1', 'an http:// or https:// URL'],
    ['standalone', 'BROKER_URL', 'kafka://h', 'embedded:, amqp://'],
  ];

  it.each(wrong)('%s: %s=%s', async (app, name, value, takes) => {
    const line = await refusal(app, { [name]: value });
    expect(line).toContain(`${name} is "${value}", but takes ${takes}`);
  });

  it('that hides passwords and keys', async () => {
    const masked = await refusal('gateway', { BROKER_URL: 'amqpx://user:hidden@host' });
    expect(masked).toContain('BROKER_URL is "amqpx://user:***@host"');
    const database = await refusal('gateway', { DATABASE_URL: 'postgrex://user:hidden@host/db' });
    const keys = await refusal('gateway', { API_KEYS: 'ops:root:hidden-key' });
    expect(keys).toContain('API_KEYS is "***", but takes name:scope+scope:key entries');
    for (const line of [masked, database, keys]) expect(line).not.toContain('hidden');
  });

  it('that hides what belongs to the image generator', async () => {
    const generator = await refusal('standalone', { IMAGE_GENERATOR_URL: 'http://user:hidden@host/v1' });
    expect(generator).toContain('IMAGE_GENERATOR_URL is "http://user:***@host/v1", but takes');
    const generatorKey = await refusal('image-worker', { IMAGE_GENERATOR_KEY: 'hidden' });
    expect(generatorKey).toContain('IMAGE_GENERATOR_KEY is "***", but takes 8 or more');
    for (const line of [generator, generatorKey]) expect(line).not.toContain('hidden');
  });

  it('also when it stands in a file, or the file is not there', async () => {
    const file = join(folder, 'port');
    await writeFile(file, 'eighty\n');
    expect(await refusal('gateway', { PORT: '', PORT_FILE: file })).toContain('PORT is "eighty", but takes');
    const missing = await refusal('gateway', { API_KEYS_FILE: join(folder, 'nothing') });
    expect(missing).toMatch(/^API_KEYS_FILE is ".*nothing", but that file cannot be read/);
  });

  it.each(['gateway', 'video-worker', 'image-worker'] as const)(
    'for the embedded broker, which %s would not share with the others',
    async (app) => {
      // It is what they take when nothing is set.
      const line = await refusal(app, { BROKER_URL: '' });
      expect(line).toMatch(/^BROKER_URL is "embedded:", but takes .*lives inside one process.*npm start/);
    },
  );

  it.each(['gateway', 'standalone'] as const)(
    'for a %s without keys that others could reach',
    async (app) => {
      const line = await refusal(app, { HOST: '0.0.0.0' });
      expect(line).toMatch(/^HOST is "0\.0\.0\.0", but without API_KEYS it takes .*set API_KEYS/);
    },
  );
});

describe('what a process says of itself', () => {
  it.each(apps)('%s --help prints its settings, and ends well', async (app) => {
    const { code, lines } = await run(app, settings(app, { PORT: 'wrong' }), '--help');
    const text = lines.join('\n');
    expect(code).toBe(0);
    expect(text).toMatch(/BROKER_URL +embedded: /);
    expect(text).toMatch(/STORAGE_URL +file:\.\/\.data\/files /);
    expect(text).toMatch(/DRAIN_TIMEOUT_SECONDS +30 /);
    expect(text).toMatch(/NAME_FILE/);
    expect(/DATABASE_URL/.test(text)).toBe(app === 'gateway' || app === 'standalone');
    expect(/CONCURRENCY/.test(text)).toBe(app !== 'gateway');
    expect(/IMAGE_GENERATOR_KEY/.test(text)).toBe(app === 'image-worker' || app === 'standalone');
    expect(text).not.toContain(import.meta.dirname);
  });
});

describe('a port that is taken', () => {
  it.each(['gateway', 'standalone'] as const)('ends %s with 1 and a line that says so', async (app) => {
    const other = createServer().listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => other.once('listening', resolve));
      const port = String((other.address() as AddressInfo).port);
      const { code, lines } = await run(app, settings(app, { PORT: port }));
      expect(code).toBe(1);
      const cure = `port ${port} on 127.0.0.1 is taken by another program; set PORT to another one`;
      expect(lines.join('\n')).toContain(cure);
    } finally {
      other.close();
    }
  });
});
