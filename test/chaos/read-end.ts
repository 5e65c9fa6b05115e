import { resizeImage, transcodeVideo } from '@heavylift/contracts';
import { createTransport } from '@heavylift/nestjs';
import { waitUntil } from '@heavylift/test-servers';
import type { End, FinalJob, Told } from './end.js';
import { complaintsOf } from './complaints.js';
import { pictureWidth, tagOf } from './workload/wish.js';
import type { World } from './world.js';

/** How long jobs may take to their end once all is healed: retries wait, and copies are looked at again. */
const endMs = 240_000;
const emptyMs = 120_000;
const atOnce = 8;
const mostDead = 100_000;
const unfinished = ['scheduled', 'queued', 'running', 'retrying'];

interface JobRead extends Omit<FinalJob, 'tag' | 'history' | 'wrongFile'> {
  readonly payload: unknown;
  readonly result: unknown;
}

/** Waits until nothing moves any more, ends the processes, and reads all that they left. What does not come to rest in time is read as it is. */
export async function readEnd(world: World, tell: (what: string) => void): Promise<End> {
  const api = world.services.find(({ app }) => app === 'gateway')!.url;
  await orTell(tell, untilFinal(api));
  const left = await leftInBroker(world);
  const jobs = await inParallel(await allJobs(api), (job) => finalJob(api, job));
  const deadLetters = await deadLettersOf(world);
  await Promise.all(world.services.map((one) => one.stop()));
  return {
    jobs,
    deadLetters,
    left,
    complaints: world.services.flatMap(complaintsOf),
    peakMiB: Object.fromEntries(world.services.map(({ name, peakMiB }) => [name, peakMiB])),
  };
}

async function orTell(tell: (what: string) => void, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    tell(String(error));
  }
}

function untilFinal(api: string): Promise<void> {
  const noneLeft = async (): Promise<boolean> => {
    for (const status of unfinished)
      if ((await read<{ items: unknown[] }>(`${api}/v1/jobs?status=${status}&limit=1`)).items.length > 0)
        return false;
    return true;
  };
  return waitUntil('an end of all jobs', noneLeft, { timeoutMs: endMs, everyMs: 500 });
}

/** What is left when nothing changes any more: a broker's counts may be seconds old, so that empty is believed the third time. */
async function leftInBroker({ broker }: World): Promise<Readonly<Record<string, number>>> {
  let left: Readonly<Record<string, number>> = {};
  let emptyInARow = 0;
  const isEmpty = async (): Promise<boolean> => {
    left = await broker.left();
    emptyInARow = Object.keys(left).length === 0 ? emptyInARow + 1 : 0;
    return emptyInARow === 3;
  };
  try {
    await waitUntil('an empty broker', isEmpty, { timeoutMs: emptyMs, everyMs: 2_500 });
    return {};
  } catch {
    // What is left is for the check to tell of.
    return left;
  }
}

async function allJobs(api: string): Promise<JobRead[]> {
  const jobs: JobRead[] = [];
  for (let cursor = ''; ;) {
    const page = await read<{ items: JobRead[]; nextCursor?: string }>(`${api}/v1/jobs?limit=100${cursor}`);
    jobs.push(...page.items);
    if (!page.nextCursor) return jobs;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

async function finalJob(api: string, { payload, result, ...job }: JobRead): Promise<FinalJob> {
  const { items } = await read<{ items: Told[] }>(`${api}/v1/jobs/${job.id}/history`);
  const wrongFile = job.status === 'succeeded' ? await wrongFileOf(api, result) : undefined;
  const history = items.filter(({ kind }) => kind !== 'progressed');
  return { ...job, tag: tagOf(payload) ?? '', history, ...(wrongFile ? { wrongFile } : {}) };
}

interface Result {
  readonly variants?: readonly [{ readonly asset: string; readonly bytes: number; readonly width: number }];
  readonly asset?: string;
  readonly bytes?: number;
}

async function wrongFileOf(api: string, result: unknown): Promise<string | undefined> {
  const { variants } = result as Result;
  const { asset, bytes } = variants?.[0] ?? (result as Result);
  const response = await fetch(`${api}/v1/assets/${asset}/content`);
  const content = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) return `asset ${asset} is answered ${response.status}`;
  if (content.length !== bytes) return `asset ${asset} has ${content.length} bytes, the result says ${bytes}`;
  if (variants && widthOfPng(content) !== pictureWidth) return `asset ${asset} is no picture of its width`;
  return undefined;
}

function widthOfPng(content: Buffer): number | undefined {
  return content.toString('latin1', 1, 4) === 'PNG' ? content.readUInt32BE(16) : undefined;
}

async function deadLettersOf({ broker }: World): Promise<string[]> {
  const transport = await createTransport(broker.url, 'chaos');
  await transport.connect([]);
  try {
    const queues = [resizeImage.name, transcodeVideo.name];
    const letters = await Promise.all(queues.map((queue) => transport.deadLetters(queue, mostDead)));
    return letters.flat().map(({ message }) => message.id);
  } finally {
    await transport.close();
  }
}

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function inParallel<A, B>(items: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const waiting = [...items];
  const done: B[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) done.push(await work(item));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return done;
}
