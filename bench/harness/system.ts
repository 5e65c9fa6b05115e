import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { type JobCounts, openJobCounts } from './job-counts.ts';
import { postAll } from './http-load.ts';
import { atATime } from './line.ts';
import { rate } from './numbers.ts';
import { payloadOf } from './payload.ts';
import { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { untilDone } from './window.ts';

const service = join(import.meta.dirname, '../service');
const queue = 'bench.nothing';
/** Jobs of one request, and requests at a time, where many are to be posted. */
const batch = 100;
const connections = 4;
const postedAtOnce = 50_000;
/** Between the parts of a round, for whatever still writes or collects garbage. */
const restMs = 500;
const lookEveryMs = 50;

export interface SystemOptions {
  readonly workers?: number;
  /** For Node, like `--cpu-prof`; by the name of the service. */
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The whole system on the broker of a stage: a gateway and workers of jobs that do nothing, in one process where the broker lives in it. */
export class System {
  readonly url: string;
  readonly counts: JobCounts;
  /** The gateway, or all of it, first. */
  readonly programs: Program[];
  readonly #env: NodeJS.ProcessEnv;

  private constructor(programs: Program[], counts: JobCounts, env: NodeJS.ProcessEnv) {
    this.url = programs[0]!.url;
    this.programs = programs;
    this.counts = counts;
    this.#env = env;
  }

  static async open(
    stage: Stage,
    { workers = 1, flags = [], env = {} }: SystemOptions = {},
  ): Promise<System> {
    const database = await stage.databaseUrl();
    const settings = {
      BROKER_URL: await stage.brokerUrl(),
      DATABASE_URL: database,
      STORAGE_URL: `file:${await stage.folder()}`,
      PORT: '0',
      CONCURRENCY: String(atATime),
      ...env,
    };
    const front = stage.broker === 'embedded' ? 'standalone.ts' : 'gateway.ts';
    const programs = [await Program.start(join(service, front), settings, flags)];
    const system = new System(programs, await openJobCounts(database, queue), settings);
    for (let i = 0; i < workers && stage.broker !== 'embedded'; i += 1) await system.addWorker(flags);
    await system.warmUp(Math.max(workers, 1) * 50);
    return system;
  }

  /** Starts a worker more; resolves once it listens, a moment before it takes jobs. */
  async addWorker(flags: readonly string[] = []): Promise<Program> {
    const worker = await Program.start(join(service, 'worker.ts'), this.#env, flags);
    this.programs.push(worker);
    return worker;
  }

  async removeWorker(worker: Program): Promise<void> {
    this.programs.splice(this.programs.indexOf(worker), 1);
    await worker.end('SIGTERM');
  }

  /** Runs a few jobs to their end. */
  async warmUp(count: number): Promise<void> {
    await this.untilSucceeded(count, () => this.post(count));
  }

  /** Posts jobs, many at a time; resolves once they are stored. */
  async post(count: number): Promise<void> {
    const jobs = Math.min(batch, count);
    const body = (): string => JSON.stringify({ jobs: Array.from({ length: jobs }, () => jobOf()) });
    await postAll(this.url, { path: '/v1/jobs/batch', count: Math.round(count / jobs), connections, body });
  }

  /** Posts jobs that nobody starts, and waits until the broker has all of them; says every few how many are posted. */
  async fill(count: number, say: (posted: number) => void = () => {}): Promise<void> {
    await this.pause();
    for (let posted = 0; posted < count; say(posted)) {
      const part = Math.min(postedAtOnce, count - posted);
      await this.post(part);
      posted += part;
    }
    await untilDone(0, async () => -(await this.counts.unsent()), { everyMs: 4 * lookEveryMs });
    await sleep(restMs);
  }

  /** Of the jobs that wait, how many a second are run and recorded. */
  async drain(count: number): Promise<number> {
    return rate(count, await this.untilSucceeded(count, () => this.resume()));
  }

  /** How many jobs a second are posted, run and recorded, all at once. */
  async both(count: number): Promise<number> {
    await sleep(restMs);
    return rate(count, await this.untilSucceeded(count, () => this.post(count)));
  }

  /** Milliseconds from the beginning of `begin` until so many more jobs are recorded as done. */
  async untilSucceeded(count: number, begin: () => Promise<unknown>): Promise<number> {
    const before = await this.counts.succeeded();
    const done = async (): Promise<number> => (await this.counts.succeeded()) - before;
    const [ms] = await Promise.all([untilDone(count, done, { everyMs: lookEveryMs }), begin()]);
    return ms;
  }

  /** Posts these jobs; says their ids. */
  async postJobs(jobs: readonly object[]): Promise<readonly string[]> {
    const answer = await this.#call('POST', '/v1/jobs/batch', { jobs });
    return (answer as { readonly items: readonly { readonly id: string }[] }).items.map(({ id }) => id);
  }

  async resultOf<R>(id: string): Promise<R> {
    return ((await this.#call('GET', `/v1/jobs/${id}`)) as { readonly result: R }).result;
  }

  async untilRunning(ids: readonly string[]): Promise<void> {
    const jobs = (): Promise<unknown[]> => Promise.all(ids.map((id) => this.#call('GET', `/v1/jobs/${id}`)));
    const running = async (): Promise<number> =>
      (await jobs()).filter((job) => (job as { readonly status: string }).status === 'running').length;
    await untilDone(ids.length, running, { everyMs: 4 * lookEveryMs });
  }

  async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#call('POST', `/v1/jobs/${id}/cancel`);
  }

  pause(): Promise<void> {
    return this.#order('pause');
  }

  resume(): Promise<void> {
    return this.#order('resume');
  }

  async close(): Promise<void> {
    await this.counts.close();
    // Workers first: a gateway that is gone cannot take their last events.
    for (const program of this.programs.toReversed()) await program.end('SIGTERM');
  }

  async #order(order: 'pause' | 'resume'): Promise<void> {
    await this.#call('POST', `/v1/queues/${queue}/${order}`);
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const json = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}${path}`, { method, ...json });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

/** A job as a client posts it. */
export function jobOf(): { readonly type: string; readonly payload: object } {
  return { type: queue, payload: payloadOf() };
}
