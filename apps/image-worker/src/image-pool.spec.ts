import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ImagePool, type ImagePoolOptions } from './image-pool.js';
import type { ImageTask, ResizeTask } from './image-task.js';
import { SamplePictures } from './sample-pictures.fixtures.js';

const forever = new AbortController().signal;
let samples: SamplePictures;
let quick: ResizeTask;
/** A small picture at once, then one that takes many seconds. */
let slow: ResizeTask;
const pools: ImagePool[] = [];

beforeAll(async () => {
  samples = await SamplePictures.create();
  const photo = await samples.noise('photo.jpg', 1_200, 900);
  quick = samples.task(photo, { width: 160 });
  const large = { width: 8_000, height: 6_000, fit: 'fill', format: 'avif' } as const;
  slow = samples.tasks(photo, [{ width: 16 }, large]);
});

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

afterAll(() => samples.remove());

function poolOf(size: number, options?: ImagePoolOptions): ImagePool {
  const pool = new ImagePool(size, options);
  pools.push(pool);
  return pool;
}

/** Starts the slow task; resolves when it is in the middle of the large picture. The result is in an object, so as not to be awaited. */
function begin(pool: ImagePool, signal = forever): Promise<{ readonly running: Promise<unknown> }> {
  return new Promise((resolve, reject) => {
    const running = pool.run(slow, signal, () => resolve({ running }));
    running.catch(reject);
  });
}

async function gone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

describe('an image pool', () => {
  it('starts no process before the first task, and keeps the one it started', async () => {
    const pool = poolOf(2);
    expect(pool.pids).toEqual([]);
    await pool.run(quick, forever);
    const first = pool.pids;
    await pool.run(quick, forever);
    expect(first).toHaveLength(1);
    expect(pool.pids).toEqual(first);
  });

  it('tells of each picture, in the order of the task', async () => {
    const heard: string[] = [];
    const task = samples.tasks(quick.source, [
      { name: 'a', width: 9 },
      { name: 'b', width: 8 },
      { name: 'c', width: 7 },
    ]);
    const made = await poolOf(1).run(
      task,
      forever,
      (news) => news.kind === 'made' && heard.push(news.picture.name),
    );
    expect(heard).toEqual(['a', 'b', 'c']);
    expect(made.map(({ name }) => name)).toEqual(heard);
  });

  it('fails the task whose process is killed, naming the signal, and does the next', async () => {
    const pool = poolOf(1);
    const { running } = await begin(pool);
    const [pid] = pool.pids;
    process.kill(pid ?? 0, 'SIGKILL');
    await expect(running).rejects.toMatchObject({
      name: 'HeavyliftError',
      code: 'image.process_died',
      message: expect.stringContaining('SIGKILL'),
    });
    await expect(pool.run(quick, forever)).resolves.toMatchObject([{ width: 160, height: 120 }]);
    expect(pool.pids).not.toContain(pid);
  });

  it('leaves the neighbours of a process that dies alone', async () => {
    const pool = poolOf(2);
    const { running: unlucky } = await begin(pool);
    const [victim] = pool.pids;
    const neighbours = Promise.all(Array.from({ length: 10 }, () => pool.run(quick, forever)));
    process.kill(victim ?? 0, 'SIGSEGV');
    await expect(unlucky).rejects.toMatchObject({ code: 'image.process_died' });
    await expect(neighbours).resolves.toHaveLength(10);
  });

  it('replaces a process that died while it had nothing to do', async () => {
    const pool = poolOf(1);
    await pool.run(quick, forever);
    const [pid] = pool.pids;
    process.kill(pid ?? 0, 'SIGKILL');
    await untilEmpty(pool);
    await expect(pool.run(quick, forever)).resolves.toHaveLength(1);
  });

  it('kills the process when the signal aborts, with its reason, within 2 s', async () => {
    const pool = poolOf(1);
    const abort = new AbortController();
    const { running } = await begin(pool, abort.signal);
    const [pid] = pool.pids;
    abort.abort(new Error('the job was cancelled'));
    expect(await gone(pid ?? 0, 2_000)).toBe(true);
    await expect(running).rejects.toThrow('the job was cancelled');
    await expect(pool.run(quick, forever)).resolves.toHaveLength(1);
  });

  it('forgets a waiting task whose signal aborts, and refuses one whose signal has', async () => {
    const pool = poolOf(1);
    const abort = new AbortController();
    const { running } = await begin(pool);
    const waiting = pool.run(quick, abort.signal);
    abort.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await expect(pool.run(quick, abort.signal)).rejects.toThrow('no longer wanted');
    expect(pool.pids).toHaveLength(1);
    await pool.close();
    await expect(running).rejects.toMatchObject({ code: 'image.pool_closed' });
  });

  it('runs as many at a time as it is large, the others in turn', async () => {
    const pool = poolOf(2);
    const made = await Promise.all(Array.from({ length: 9 }, () => pool.run(quick, forever)));
    expect(made).toHaveLength(9);
    expect(pool.pids).toHaveLength(2);
  });

  it('replaces a process after its share of tasks', async () => {
    const pool = poolOf(1, { tasksPerProcess: 2 });
    const seen = new Set<number | undefined>();
    for (let task = 0; task < 5; task += 1) await pool.run(quick, forever, () => seen.add(pool.pids[0]));
    expect(seen.size).toBe(3);
  });

  it('closes at once, whatever runs or waits, and takes nothing more', async () => {
    const pool = poolOf(1);
    const { running } = await begin(pool);
    const waiting = pool.run(quick, forever);
    const pids = pool.pids;
    const closedError = { name: 'HeavyliftError', code: 'image.pool_closed' };
    const refused = Promise.all(
      [running, waiting].map((task) => expect(task).rejects.toMatchObject(closedError)),
    );
    await pool.close();
    expect(pids.map(isAlive)).toEqual([false]);
    await refused;
    await expect(pool.run(quick, forever)).rejects.toMatchObject(closedError);
    await pool.close();
  });

  it('keeps its memory flat over 200 tasks', async () => {
    const pool = poolOf(2);
    const run = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, () => pool.run(quick, forever)));
    await run(60);
    const pids = pool.pids;
    const grown: number[] = [];
    // What is kept of each task grows every time; what V8 and libvips take for themselves, does not.
    while (grown.length < 5 && !grown.some((by) => by < 40)) {
      const before = await megabytes(pids);
      await run(140);
      grown.push((await megabytes(pids)) - before);
    }
    expect(pool.pids).toEqual(pids);
    expect(Math.min(...grown)).toBeLessThan(40);
  }, 180_000);

  it('refuses to be of no size', () => {
    expect(() => new ImagePool(0)).toThrow('an image pool of 0 processes cannot work; give it 1 or more');
  });

  it('gives its processes no setting of the worker', async () => {
    process.env['SECRET_OF_THE_WORKER'] = 'amqp://user:password@broker';
    const pool = poolOf(1);
    await pool.run(quick, forever);
    delete process.env['SECRET_OF_THE_WORKER'];
    const environment = await readFile(`/proc/${pool.pids[0]}/environ`, 'utf8');
    expect(environment).toContain('PATH=');
    expect(environment).not.toContain('SECRET_OF_THE_WORKER');
  });

  it('survives the Ctrl-C that a terminal sends to the whole group', async () => {
    const pool = poolOf(1);
    await pool.run(quick, forever);
    const pids = pool.pids;
    process.kill(pids[0] ?? 0, 'SIGINT');
    process.kill(pids[0] ?? 0, 'SIGTERM');
    await pool.run(quick, forever);
    expect(pool.pids).toEqual(pids);
  });
});

describe('a drawing', () => {
  it('tells how far it is, and of each picture, and stops when the signal aborts', async () => {
    const pool = poolOf(1);
    const heard: number[] = [];
    const pictures = [{ name: 'a', seed: 1, path: samples.path('a.png') }];
    const task = { kind: 'draw', prompt: 'a fox', width: 400, height: 300, pictures } as const;
    const made = await pool.run(
      task,
      forever,
      (news) => news.kind === 'progressed' && heard.push(news.share),
    );
    expect(made).toMatchObject([{ name: 'a', format: 'png', width: 400, height: 300 }]);
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.every((share, at) => share >= (heard[at - 1] ?? 0) && share < 1)).toBe(true);

    const abort = new AbortController();
    const long = pool.run(longDrawing(), abort.signal, () => abort.abort(new Error('cancelled')));
    const [pid] = pool.pids;
    await expect(long).rejects.toThrow('cancelled');
    expect(isAlive(pid ?? 0)).toBe(false);
  });
});

describe('a child process', () => {
  it.each(['resize', 'draw'])('dies with the worker, even in the middle of a %s', async (kind) => {
    const script = samples.path(`${kind}.mjs`);
    await writeFile(script, workerScript(kind === 'resize' ? slow : longDrawing()));
    const worker = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(worker.stdout, 'data')) as [Buffer];
    const child = Number(line.toString());
    expect(isAlive(child)).toBe(true);
    worker.kill('SIGKILL');
    // It draws with low priority, and hears of the death between two parts of the picture.
    expect(await gone(child, 30_000)).toBe(true);
  });
});

/** Large pictures: minutes of work. */
function longDrawing(): ImageTask {
  const pictures = Array.from({ length: 8 }, (_, seed) => {
    return { name: `p${seed}`, seed, path: samples.path(`p${seed}.png`) };
  });
  return { kind: 'draw', prompt: 'a fox', width: 2_048, height: 2_048, pictures };
}

/** A worker in little: starts a child as the pool does, and prints its pid in the middle of the task. */
function workerScript(task: ImageTask): string {
  const entry = new URL('./image-process.ts', import.meta.url);
  return `
    import { fork } from 'node:child_process';
    const child = fork(new URL(${JSON.stringify(entry.href)}), { execArgv: [], env: {} });
    child.once('message', () => console.log(child.pid));
    child.send(${JSON.stringify(task)});
  `;
}

async function untilEmpty(pool: ImagePool): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (pool.pids.length > 0 && Date.now() < deadline) await sleep(10);
}

async function megabytes(pids: readonly number[]): Promise<number> {
  const files = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/status`, 'utf8')));
  return files.reduce((sum, status) => sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024, 0);
}
