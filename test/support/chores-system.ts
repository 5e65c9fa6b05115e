import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { freePorts } from '@heavylift/test-servers';
import { Api, type Job } from './api.js';
import { buildChores } from './chores.js';
import { Operator } from './operator.js';
import { HeavyliftProcess } from './process.js';
import { Supervised } from './supervised.js';
import { type Broker, type OwnBroker, ownBroker, ownFolder, settingsOf } from './system.js';

/** How long its processes let jobs finish. */
export const drainSeconds = 1;

type Chore = readonly [type: 'nap' | 'fail' | 'write', payload: object];

/** A gateway that knows the contracts of a user, and the user's worker. */
export class Chores {
  operator!: Operator;
  worker!: Supervised;

  private constructor(
    readonly broker: Broker,
    readonly api: Api,
    private readonly own: OwnBroker,
    readonly folder: string,
    private readonly apps: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly gateway: HeavyliftProcess | undefined,
  ) {}

  static async start(broker: Broker): Promise<Chores> {
    const [apps, folder, own, [port]] = await Promise.all([
      buildChores(),
      ownFolder(),
      ownBroker(broker),
      freePorts(1),
    ]);
    const env = settingsOf({
      folder,
      brokerUrl: own.url,
      env: { CONCURRENCY: '4', DRAIN_TIMEOUT_SECONDS: String(drainSeconds) },
    });
    const front = { ...env, PORT: String(port) };
    const api = new Api(`http://127.0.0.1:${port}`);
    const embedded = broker === 'embedded';
    const gateway = embedded
      ? undefined
      : await HeavyliftProcess.start(join(apps, 'chore-gateway.js'), front);
    const chores = new Chores(broker, api, own, folder, apps, env, gateway);
    chores.worker = embedded
      ? await Supervised.start(join(apps, 'chore-standalone.js'), front)
      : await Supervised.start(chores.#workerFile, env);
    if (!embedded) chores.operator = await Operator.at(broker, own.url, ['chores.nap', 'chores.fail']);
    return chores;
  }

  async submit(type: Chore[0], payload: Chore[1]): Promise<string> {
    return (await this.submitAll([[type, payload]]))[0]!;
  }

  /** In one call. */
  async submitAll(chores: readonly Chore[]): Promise<string[]> {
    const jobs = chores.map(([type, payload]) => ({ type: `chores.${type}`, payload }));
    const { status, body } = await this.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs });
    expect([status, body]).toMatchObject([202, { items: jobs.map(() => ({ status: 'queued' })) }]);
    return body.items.map(({ id }) => id);
  }

  /** One more worker, with one slot. */
  oneSlot(): Promise<HeavyliftProcess> {
    return HeavyliftProcess.start(this.#workerFile, { ...this.env, CONCURRENCY: '1' });
  }

  async stop(): Promise<void> {
    await this.worker.end();
    await this.gateway?.stop();
    await this.operator?.close();
    await this.own.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get #workerFile(): string {
    return join(this.apps, 'chore-worker.js');
  }
}
