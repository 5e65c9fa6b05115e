import { setTimeout as sleep } from 'node:timers/promises';
import type { Way } from './way.ts';

const limitMs = 180_000;
/** What is not done after so long without any progress is not being worked on any more. */
const patienceMs = 60_000;
const tiny = 64;

/** One column of the table. */
export type Figures = Readonly<Record<string, string>>;

/** Everything about one way. The order matters: what comes first warms up what comes later. */
export async function measure(way: Way): Promise<Figures> {
  await allDone(way, await submit(way, 10, tiny));
  const alone = await oneByOne(way, 40);
  const burst = await manyAtOnce(way, 60);
  const busy = await pingsDuring(way, { pictures: 4, side: 1_024 });
  const kept = await crashAmid(way, 20);
  return {
    'a post is answered, ms (median, 99 %)': pair(alone.answers),
    'its work begins after, ms (median, 99 %)': alone.waits.length > 0 ? pair(alone.waits) : 'at once',
    '60 tiny pictures are done after, s': (burst / 1_000).toFixed(2),
    'another request, while 4 large ones are drawn, ms (median, worst)': `${at(busy, 0.5)}, ${at(busy, 1)}`,
    'of 20 accepted, done after a kill -9 and a restart': kept,
  };
}

/** Each is awaited before the next is sent: what an idle system takes. */
async function oneByOne(way: Way, count: number): Promise<{ answers: number[]; waits: number[] }> {
  const answers: number[] = [];
  const waits: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const began = performance.now();
    const id = await way.submit(tiny);
    answers.push(performance.now() - began);
    await allDone(way, [id]);
    const wait = await way.waitMs(id);
    if (wait !== undefined) waits.push(wait);
  }
  return { answers, waits };
}

async function manyAtOnce(way: Way, count: number): Promise<number> {
  const began = performance.now();
  await allDone(way, await submit(way, count, tiny));
  return performance.now() - began;
}

async function pingsDuring(way: Way, work: { pictures: number; side: number }): Promise<number[]> {
  const pings: number[] = [];
  const ids = await submit(way, work.pictures, work.side);
  let open = true;
  const drawn = allDone(way, ids).finally(() => (open = false));
  while (open) {
    const began = performance.now();
    await way.ping();
    pings.push(performance.now() - began);
    await sleep(20);
  }
  await drawn;
  return pings;
}

/** How many of those accepted are done in the end, and how long after the restart. */
async function crashAmid(way: Way, count: number): Promise<string> {
  const ids = await submit(way, count, 256);
  await way.crash();
  const restarted = performance.now();
  let [done, lastMs] = [0, 0];
  while (done < count && performance.now() - restarted - lastMs < patienceMs) {
    const now = (await Promise.all(ids.map((id) => way.isDone(id)))).filter(Boolean).length;
    if (now > done) [done, lastMs] = [now, performance.now() - restarted];
    await sleep(100);
  }
  return done === count ? `${done} (after ${(lastMs / 1_000).toFixed(1)} s)` : String(done);
}

function submit(way: Way, count: number, side: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, () => way.submit(side)));
}

async function allDone(way: Way, ids: readonly string[]): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (const id of ids)
    while (!(await way.isDone(id))) {
      if (Date.now() > deadline) throw new Error(`${way.name}: ${id} is not done after ${limitMs} ms`);
      await sleep(5);
    }
}

function pair(values: readonly number[]): string {
  return `${at(values, 0.5)}, ${at(values, 0.99)}`;
}

/** The value below which a share of them lies, with one digit while it is small. */
function at(values: readonly number[], share: number): string {
  const value = values.toSorted((a, b) => a - b)[Math.round(share * (values.length - 1))] ?? 0;
  return value.toFixed(value < 20 ? 1 : 0);
}
