import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Setting, setting, workerSettings } from '@heavylift/nestjs';
import { gatewaySettings } from '../apps/gateway/src/gateway-settings.js';
import { imageWorkerSettings } from '../apps/image-worker/src/image-worker-settings.js';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly profiles?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const root = join(import.meta.dirname, '..');
const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
// A line that ends in a backslash goes on in the next one.
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8').replace(/\\\n\s*/g, '');

const settingsOf: Readonly<Record<string, Readonly<Record<string, Setting<unknown>>>>> = {
  gateway: gatewaySettings,
  'video-worker': workerSettings,
  'image-worker': imageWorkerSettings,
};

const ours = Object.entries(compose.services).filter(([, service]) => service.build);

describe('docker-compose.yml', () => {
  it('has our three services and PostgreSQL always, and each broker by its profile', () => {
    const profileOf = Object.fromEntries(
      Object.entries(compose.services).map(([name, service]) => [name, service.profiles ?? []]),
    );
    expect(profileOf).toEqual({
      gateway: [],
      'video-worker': [],
      'image-worker': [],
      postgres: [],
      rabbitmq: ['rabbitmq'],
      nats: ['nats'],
    });
  });

  it.each(ours)('builds %s from its own target of the Dockerfile', (name, service) => {
    expect(service.build).toEqual({ context: '.', target: name });
    expect(stages().get(name)).toBeDefined();
  });

  it.each(ours)('gives %s only settings that it reads, and none that it refuses', (name, { environment }) => {
    const settings: readonly Setting<unknown>[] = Object.values(settingsOf[name] ?? {});
    for (const [variable, value] of Object.entries(environment)) {
      const found = settings.find((one) => one.name === variable);
      expect([variable, found?.name]).toEqual([variable, variable]);
      // What is left to the operator is a reference; only a value that is written here can be wrong here.
      if (!value.includes('${')) expect([variable, found?.parse(value)]).not.toEqual([variable, undefined]);
    }
  });

  it('keeps the database to the gateway', () => {
    const withDatabase = ours.filter(([, service]) => 'DATABASE_URL' in service.environment);
    expect(withDatabase.map(([name]) => name)).toEqual(['gateway']);
  });

  it('does not start an open gateway: keys and broker have no default', () => {
    const { API_KEYS, BROKER_URL } = compose.services['gateway']?.environment ?? {};
    expect(API_KEYS).toMatch(/^\$\{API_KEYS:\?.+\}$/);
    expect(BROKER_URL).toMatch(/^\$\{BROKER_URL:\?.+\}$/);
  });

  it('proposes a key and brokers that the gateway takes', () => {
    const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
    const examples = [...text.matchAll(/^# {3}(API_KEYS|BROKER_URL)=(\S+)$/gm)];
    expect(examples).toHaveLength(3);
    for (const [, name, value = ''] of examples) {
      const known = name === 'API_KEYS' ? setting.apiKeys : setting.sharedBrokerUrl;
      expect(known.parse(value)).toBeDefined();
    }
  });

  it.each(ours)('gives %s more time to stop than it takes to drain', (_name, service) => {
    const graceSeconds = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1]);
    expect(graceSeconds).toBeGreaterThan(Number(service.environment['DRAIN_TIMEOUT_SECONDS']));
  });

  it('shares one folder of files, and keeps what the servers store in volumes that it declares', () => {
    for (const [, service] of ours) {
      expect(service.volumes).toEqual(['files:/data/files']);
      expect(service.environment['STORAGE_URL']).toBe('file:/data/files');
    }
    const used = Object.values(compose.services).flatMap((service) => service.volumes);
    expect(new Set(used.map((volume) => volume.split(':')[0]))).toEqual(
      new Set(Object.keys(compose.volumes)),
    );
  });

  it('asks every server after its health', () => {
    const servers = Object.values(compose.services).filter((service) => service.image);
    for (const server of servers) expect(server.healthcheck?.test[0]).toBe('CMD');
  });
});

describe('the Dockerfile', () => {
  const targets = ['gateway', 'video-worker', 'image-worker'];

  it('copies only what the repository has', () => {
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].map(([, sources = '']) => sources);
    expect(copies.length).toBeGreaterThan(0);
    for (const source of copies.flatMap((sources) => sources.split(' '))) {
      expect([source, existsSync(join(root, source))]).toEqual([source, true]);
      expect(readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')).toContain(`!${source}`);
    }
  });

  it.each(targets)('runs %s directly, as an unprivileged user', (target) => {
    const stage = stages().get(target) ?? '';
    expect(stage).toMatch(/^USER 10001:10001$/m);
    expect(stage).toContain(`CMD ["node", "apps/${target}/dist/main.js"]`);
    expect(stage).toContain(`-w @heavylift/${target} `);
    expect(existsSync(join(root, 'apps', target, 'src/main.ts'))).toBe(true);
  });

  it.each(targets)('asks %s after its health on a route that every process has', (target) => {
    const controller = readFileSync(join(root, 'libs/nestjs/src/health/health.controller.ts'), 'utf8');
    expect(stages().get(target)).toMatch(/^FROM service AS/);
    expect(stages().get('service')).toMatch(/^HEALTHCHECK .*\/health\/ready`/m);
    expect(controller).toContain(`@Controller('health')`);
    expect(controller).toContain(`@Get('ready')`);
  });

  it('brings FFmpeg to the video worker alone', () => {
    const withFfmpeg = [...stages()].filter(([, stage]) => /^RUN apt-get .*ffmpeg/m.test(stage));
    expect(withFfmpeg.map(([name]) => name)).toEqual(['video-worker']);
  });
});

/** The text of each stage by its name. */
function stages(): Map<string, string> {
  const texts = dockerfile.split(/^(?=FROM )/m).filter((text) => text.startsWith('FROM '));
  return new Map(texts.map((text) => [/^FROM \S+ AS (\S+)$/m.exec(text)?.[1] ?? '', text]));
}
