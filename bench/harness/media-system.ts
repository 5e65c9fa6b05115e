import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type JobCounts, openJobCounts } from './job-counts.ts';
import { postAll } from './http-load.ts';
import { cpuMsWithChildren } from './process-facts.ts';
import { Program } from './program.ts';
import { followToEnd } from './sse.ts';
import type { Stage } from './stage.ts';
import { untilDone } from './window.ts';

const apps = join(import.meta.dirname, '../../apps');
/** Looking is a statement of the database on cores that the media need: every 10 ms it took 2 to 3 ms of processor a picture, every 50 ms one or two. */
const looks = { everyMs: 10, rarelyMs: 500, patienceMs: 300_000 } as const;

/** The system as a user runs it, with one of its own workers, or all of it in one process where the broker lives in it. */
export class MediaSystem {
  readonly #jobType: string;
  readonly #programs: readonly Program[];
  readonly #counts: JobCounts;

  private constructor(jobType: string, programs: readonly Program[], counts: JobCounts) {
    this.#jobType = jobType;
    this.#programs = programs;
    this.#counts = counts;
  }

  static async open(
    stage: Stage,
    worker: 'image-worker' | 'video-worker',
    jobType: string,
  ): Promise<MediaSystem> {
    const env = await mediaSettings(stage);
    const names = stage.broker === 'embedded' ? ['standalone'] : ['gateway', worker];
    const programs: Program[] = [];
    for (const name of names) programs.push(await Program.start(mainOf(name), env));
    return new MediaSystem(jobType, programs, await openJobCounts(env.DATABASE_URL, jobType));
  }

  /** Uploads a file; says the asset's id. */
  async upload(path: string): Promise<string> {
    const body = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
    const response = await fetch(`${this.#url}/v1/assets`, { method: 'POST', body, duplex: 'half' });
    const { id } = (await response.json()) as { readonly id: string };
    return id;
  }

  /** Milliseconds from posting so many of the same job until the last has succeeded. */
  async run(payload: object, count: number): Promise<number> {
    const before = await this.#counts.succeeded();
    const job = JSON.stringify({ type: this.#jobType, payload });
    const posting = postAll(this.#url, { path: '/v1/jobs', count, connections: 4, body: () => job });
    const done = async (): Promise<number> => (await this.#counts.succeeded()) - before;
    const [ms] = await Promise.all([untilDone(count, done, looks), posting]);
    return ms;
  }

  /**
   * Milliseconds from posting a job until its recorded success is told by Server-Sent Events, which costs next to nothing while it runs.
   * @throws {Error} when it ends otherwise
   */
  async runOne(payload: object): Promise<number> {
    const began = performance.now();
    const posting = await fetch(`${this.#url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: this.#jobType, payload }),
    });
    const { id } = (await posting.json()) as { readonly id: string };
    const end = await followToEnd(this.#url, id);
    if (end.kind !== 'succeeded') throw new Error(`job ${id} ended otherwise: ${JSON.stringify(end)}`);
    return performance.now() - began;
  }

  /** Milliseconds of processor that the worker and its child processes have taken; where the broker is embedded, all of the system. */
  workerCpuMs(): number {
    return cpuMsWithChildren(this.#programs.at(-1)!.pid);
  }

  async close(): Promise<void> {
    await this.#counts.close();
    for (const program of this.#programs.toReversed()) await program.end('SIGTERM');
  }

  get #url(): string {
    return this.#programs[0]!.url;
  }
}

export function mainOf(app: string): string {
  return join(apps, app, 'dist/main.js');
}

/** The settings of any of our apps on the servers of a stage. */
export async function mediaSettings(stage: Stage): Promise<{
  readonly BROKER_URL: string;
  readonly DATABASE_URL: string;
  readonly STORAGE_URL: string;
  readonly PORT: string;
}> {
  return {
    BROKER_URL: await stage.brokerUrl(),
    DATABASE_URL: await stage.databaseUrl(),
    STORAGE_URL: `file:${await stage.folder()}`,
    PORT: '0',
  };
}
