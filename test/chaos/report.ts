import { Facts } from './checks/facts.js';
import type { Violation } from './checks/index.js';
import type { ChaosRun } from './run-chaos.js';

const mostShown = 10;

/** All that is needed to understand what was broken, and to try it again; empty when nothing was. */
export function reportOf(run: ChaosRun): string {
  const { violations } = run;
  if (violations.length === 0) return '';
  const { broker, seed, seconds } = run.options;
  const facts = new Facts(run.history.lines, run.end);
  return [
    `seed ${seed} on ${broker} broke ${violations.length} promises:`,
    ...violations.slice(0, mostShown).flatMap((violation) => shown(violation, facts)),
    ...(violations.length > mostShown ? [`... and ${violations.length - mostShown} more`] : []),
    `history and logs: test-output/chaos/${broker}-${seed}*`,
    `again: npm run chaos -- --seed ${seed} --broker ${broker} --minutes ${Number((seconds / 60).toFixed(2))}`,
  ].join('\n');
}

function shown({ what, tag }: Violation, facts: Facts): string[] {
  if (tag === undefined) return [`- ${what}`];
  return [`- ${tag}: ${what}`, ...storyOf(tag, facts).map((line) => `    ${line}`)];
}

/** What happened to a wish and to its jobs, with the faults of that time, in order. */
function storyOf(tag: string, facts: Facts): string[] {
  const seen = facts.seen.filter(({ wish }) => wish.tag === tag);
  const ids = new Set(seen.map(({ job }) => job.id));
  const post = facts.posts.find(({ wishes }) => wishes.some((wish) => wish.tag === tag))?.name;
  const lines = facts.lines.filter((line) => {
    if (line.op === 'post') return line.post === post;
    if (line.op === 'fetch') return line.tag === tag;
    return (line.op === 'cancel' || line.op === 'look') && ids.has(line.id);
  });
  const moments = [
    ...lines.map((line) => ({ at: line.at, text: JSON.stringify({ ...line, at: undefined }) })),
    ...seen.flatMap(({ job }) =>
      job.history.map(({ at, kind, attempt, worker, error, late }) => ({
        at: Date.parse(at),
        text: `told ${JSON.stringify({ kind, attempt, worker, error: error?.code, late })}`,
      })),
    ),
  ];
  const times = moments.map(({ at }) => at);
  const faults = facts.during(Math.min(...times), Math.max(...times)).flatMap(({ fault, from, to }) => [
    { at: from, text: `fault begins: ${fault}` },
    { at: to, text: `fault is over: ${fault}` },
  ]);
  return [...moments, ...faults].sort((a, b) => a.at - b.at).map(({ at, text }) => `${clock(at)} ${text}`);
}

function clock(at: number): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(11, 23) : 'never       ';
}
