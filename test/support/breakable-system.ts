import { rm } from 'node:fs/promises';
import {
  type NatsOptions,
  type NatsServer,
  type RabbitmqServer,
  startNats,
  startRabbitmq,
  waitUntil,
} from '@heavylift/test-servers';
import { Api, type Answer, type Job } from './api.js';
import { smallPicture } from './media.js';
import { HeavyliftProcess } from './process.js';
import { ownFolder, settingsOf } from './system.js';

export type RealBroker = 'rabbitmq' | 'nats';

/** Settings of a process: left to itself V8 takes hundreds of MiB before it collects; held short, what stays is what somebody holds. */
export const heldShort = { NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=96' };

export interface Readiness {
  readonly status: string;
  readonly details: Readonly<Record<string, { readonly status: string; readonly message?: string }>>;
}

type Started = HeavyliftProcess & { readonly url: string };

/** A gateway and an image worker on a broker server of their own, which a test may break. */
export class BreakableSystem {
  readonly api: Api;
  #payload: object = {};

  private constructor(
    readonly server: RabbitmqServer | NatsServer,
    readonly gateway: Started,
    readonly worker: Started,
    readonly folder: string,
  ) {
    this.api = new Api(gateway.url);
  }

  /** With a picture stored that all jobs take. `env`: more settings of the processes. */
  static async start(
    broker: RealBroker,
    options: { readonly env?: NodeJS.ProcessEnv; readonly nats?: NatsOptions } = {},
  ): Promise<BreakableSystem> {
    const server = await (broker === 'rabbitmq' ? startRabbitmq() : startNats(options.nats));
    const folder = await ownFolder();
    const env = settingsOf({ folder, brokerUrl: server.url, ...(options.env ? { env: options.env } : {}) });
    const [gateway, worker] = await Promise.all([
      HeavyliftProcess.start('gateway', env),
      HeavyliftProcess.start('image-worker', env),
    ]);
    const system = new BreakableSystem(server, gateway, worker, folder);
    await system.#storePicture();
    return system;
  }

  async stop(): Promise<void> {
    await Promise.all([this.gateway.stop(), this.worker.stop()]);
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A cheap job. */
  get job(): { readonly type: string; readonly payload: object } {
    return { type: 'image.resize', payload: this.#payload };
  }

  /** One request each; all must be answered 202. Resolves with their ids. */
  async post(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let i = 0; i < count; i++) ids.push(accepted(await this.api.post<Job>('/v1/jobs', this.job)).id);
    return ids;
  }

  /** In one request of up to 1,000, which must be answered 202. Resolves with their ids. */
  async postBatch(count: number): Promise<string[]> {
    const jobs = Array.from({ length: count }, () => this.job);
    const { items } = accepted(await this.api.post<{ items: Job[] }>('/v1/jobs/batch', { jobs }));
    return items.map(({ id }) => id);
  }

  async readinessOf(one: 'gateway' | 'worker'): Promise<Answer<Readiness>> {
    return new Api(this[one].url).get<Readiness>('/health/ready');
  }

  /** Waits until both are ready, and the gateway not degraded. */
  async ready(timeoutMs = 120_000): Promise<void> {
    for (const one of ['gateway', 'worker'] as const)
      await waitUntil(`${one} ready`, async () => (await this.readinessOf(one)).body.status === 'ok', {
        timeoutMs,
      });
  }

  /** Waits until a process says of one thing that it needs, that it is not well; resolves with its words. */
  async complaintOf(one: 'gateway' | 'worker', detail: string, timeoutMs = 120_000): Promise<string> {
    let words: string | undefined;
    const complains = async (): Promise<boolean> => {
      const found = (await this.readinessOf(one)).body.details[detail];
      words = found?.status === 'up' ? undefined : found?.message;
      return words !== undefined;
    };
    await waitUntil(`${one} complains of its ${detail}`, complains, { timeoutMs });
    return words!;
  }

  /** What both have said that no process should ever say. */
  get scandals(): readonly string[] {
    return [...this.gateway.lines, ...this.worker.lines].filter((line) =>
      /unhandled|uncaught|MaxListeners|"level":"(error|fatal)"|"level":[56]0/i.test(line),
    );
  }

  /** Resident memory of each now, without children, in MiB. */
  get memoryMiB(): Readonly<Record<'gateway' | 'worker', number>> {
    return { gateway: this.gateway.ownMemoryMiB, worker: this.worker.ownMemoryMiB };
  }

  async #storePicture(): Promise<void> {
    const { status, body } = await this.api.postFile<{ id: string }>('/v1/assets', await smallPicture());
    if (status !== 201) throw new Error(`the picture was not stored: ${status} ${JSON.stringify(body)}`);
    this.#payload = { source: body.id, variants: [{ name: 'tiny', width: 16, format: 'jpeg' }] };
  }
}

function accepted<T>({ status, body }: Answer<T>): T {
  if (status !== 202) throw new Error(`answered ${status} instead of 202: ${JSON.stringify(body)}`);
  return body;
}
