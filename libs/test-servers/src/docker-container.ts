import { randomUUID } from 'node:crypto';
import { waitUntil } from './deadline.ts';
import { Guard } from './guard.ts';
import { run } from './run.ts';
import type { ServerLife } from './test-server.ts';

const READY_MS = 180_000;

/** How to run one server as a container of an official image. */
export interface DockerContainerOptions {
  readonly name: string;
  readonly image: string;
  /** Container port to port of 127.0.0.1. */
  readonly ports: Readonly<Record<number, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments after the image. */
  readonly args?: readonly string[];
  /** Files to put in before the first start: path in the container to path here. */
  readonly files?: Readonly<Record<string, string>>;
  readonly ready: () => Promise<boolean>;
}

/** The same life as a local process, by the docker command. */
export class DockerContainer implements ServerLife {
  readonly #options: DockerContainerOptions;
  readonly #container: string;
  #guard: Guard | undefined;

  constructor(options: DockerContainerOptions) {
    this.#options = options;
    this.#container = `heavylift-${options.name}-${randomUUID().slice(0, 8)}`;
  }

  async start(): Promise<void> {
    if (!this.#guard) await this.#create();
    await run('docker', ['start', this.#container]);
    await waitUntil(`${this.#options.name} ready`, this.#options.ready, {
      timeoutMs: READY_MS,
      everyMs: 200,
    });
  }

  async restart(): Promise<void> {
    await run('docker', ['stop', '--time', '30', this.#container]);
    await this.start();
  }

  async kill(): Promise<void> {
    await run('docker', ['kill', this.#container]);
  }

  async stop(): Promise<void> {
    await run('docker', ['rm', '--force', '--volumes', this.#container]);
    this.#guard?.dismiss();
  }

  /** Runs a command inside and returns what it prints. */
  exec(...command: readonly string[]): Promise<string> {
    return run('docker', ['exec', this.#container, ...command]);
  }

  /** Copies a file of this machine in. */
  async put(here: string, inside: string): Promise<void> {
    await run('docker', ['cp', here, `${this.#container}:${inside}`]);
  }

  async #create(): Promise<void> {
    const { ports, env = {}, image, args = [], files = {}, name } = this.#options;
    const publish = Object.entries(ports).flatMap(([inside, here]) => [
      '--publish',
      `127.0.0.1:${here}:${inside}`,
    ]);
    const settings = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]);
    this.#guard = new Guard(['docker', 'rm', '--force', '--volumes', this.#container]);
    // RabbitMQ names its data after the host, so the host's name must not change.
    await run('docker', [
      'create',
      '--name',
      this.#container,
      '--hostname',
      name,
      ...publish,
      ...settings,
      image,
      ...args,
    ]);
    for (const [inside, here] of Object.entries(files)) await this.put(here, inside);
  }
}
