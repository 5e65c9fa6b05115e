import type { End, FinalJob } from '../end.js';
import type { Line } from '../history.js';
import type { Wish } from '../workload/wish.js';

/** A post, as its client knows it: asked once or more, and what it was told. */
export interface Post {
  readonly name: string;
  readonly key?: string;
  readonly wishes: readonly Wish[];
  readonly askedAt: number;
  /** Each answer 202. */
  readonly accepted: (readonly string[])[];
  /** Times that it may have happened though nobody said so. */
  unsure: number;
}

/** A fault, from its begin until the system worked again. */
export interface Disturbance {
  readonly fault: string;
  readonly from: number;
  to: number;
}

/** A job, with all that was seen of it from outside. */
export interface Seen {
  readonly job: FinalJob;
  readonly post: Post;
  readonly wish: Wish;
  readonly fetchedAt: readonly number[];
  readonly looks: readonly { readonly at: number; readonly askedAt: number; readonly status: string }[];
  readonly cancels: readonly { readonly at: number; readonly phase: string }[];
}

/** The history and the end, sorted by what the checks ask for. */
export class Facts {
  readonly end: End;
  readonly lines: readonly Line[];
  readonly posts: readonly Post[];
  readonly disturbances: readonly Disturbance[];
  /** The jobs in the end that somebody wished for. */
  readonly seen: readonly Seen[];

  constructor(lines: readonly Line[], end: End) {
    this.lines = lines;
    this.end = end;
    this.posts = postsIn(lines);
    this.disturbances = disturbancesIn(lines);
    this.seen = seenIn(lines, end, this.posts);
  }

  /** The faults that may have had to do with what happened between two moments. */
  during(from: number, to: number): readonly Disturbance[] {
    return this.disturbances.filter((one) => one.from <= to && one.to >= from);
  }

  isCalm(from: number, to = from): boolean {
    return this.during(from, to).length === 0;
  }
}

function postsIn(lines: readonly Line[]): Post[] {
  const posts = new Map<string, Post>();
  for (const line of lines) {
    if (line.op !== 'post') continue;
    const known = posts.get(line.post);
    if (line.phase === 'asked' && !known) {
      const { at, post: name, key, wishes } = line;
      posts.set(name, { name, wishes, askedAt: at, accepted: [], unsure: 0, ...(key ? { key } : {}) });
    }
    if (line.phase === 'accepted') known?.accepted.push(line.ids);
    if (line.phase === 'unsure' && known) known.unsure++;
  }
  return [...posts.values()];
}

function disturbancesIn(lines: readonly Line[]): Disturbance[] {
  const found: (Disturbance & { readonly window: number })[] = [];
  for (const line of lines) {
    if (line.op !== 'fault') continue;
    const { fault, window, at } = line;
    if (line.phase === 'begins') found.push({ fault, window, from: at, to: Number.POSITIVE_INFINITY });
    const known = found.find((one) => one.fault === fault && one.window === window);
    if (line.phase === 'over' && known) known.to = at;
  }
  return found;
}

function seenIn(lines: readonly Line[], end: End, posts: readonly Post[]): Seen[] {
  const wished = new Map(posts.flatMap((post) => post.wishes.map((wish) => [wish.tag, { post, wish }])));
  const fetches = grouped(lines, 'fetch', (line) => line.tag);
  const looks = grouped(lines, 'look', (line) => line.id);
  const cancels = grouped(lines, 'cancel', (line) => line.id);
  return end.jobs.flatMap((job) => {
    const wishedFor = wished.get(job.tag);
    if (!wishedFor) return [];
    return [
      {
        job,
        ...wishedFor,
        fetchedAt: (fetches.get(job.tag) ?? []).map(({ at }) => at),
        looks: looks.get(job.id) ?? [],
        cancels: cancels.get(job.id) ?? [],
      },
    ];
  });
}

function grouped<O extends Line['op']>(
  lines: readonly Line[],
  op: O,
  keyOf: (line: Extract<Line, { op: O }>) => string,
): Map<string, Extract<Line, { op: O }>[]> {
  const ofOp = lines.filter((line): line is Extract<Line, { op: O }> => line.op === op);
  return groupBy(ofOp, keyOf);
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
