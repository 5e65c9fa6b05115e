import type { FinalJob } from '../end.js';
import { groupBy, type Post } from './facts.js';
import type { Check, Violation } from './violation.js';

/** What was answered 202 is there; what is there was wished for, and once; a batch is there whole, or not at all. */
export const acceptance: Check = ({ posts, end }) => {
  const byTag = groupBy(end.jobs, ({ tag }) => tag);
  const wished = new Set(posts.flatMap(({ wishes }) => wishes.map(({ tag }) => tag)));
  const phantoms = end.jobs.filter(({ tag }) => !wished.has(tag));
  return [
    ...phantoms.map(({ id, tag }) => ({ what: `job ${id} is there, and nobody posted it`, tag })),
    ...posts.flatMap((post) => brokenTo(post, byTag)),
  ];
};

function brokenTo(post: Post, byTag: ReadonlyMap<string, readonly FinalJob[]>): Violation[] {
  const jobs = post.wishes.map(({ tag }) => byTag.get(tag) ?? []);
  const tag = post.wishes[0]!.tag;
  return [...lost(post, jobs), ...twice(post, jobs), ...keyed(post)]
    .concat(jobs.some((one) => one.length > 0) ? partly(post, jobs) : [])
    .map((what) => ({ what, tag }));
}

function lost({ accepted, wishes, name }: Post, jobs: readonly (readonly FinalJob[])[]): string[] {
  return accepted.flatMap((ids) =>
    ids.flatMap((id, at) =>
      jobs[at]!.some((job) => job.id === id)
        ? []
        : [`job ${id} of ${wishes[at]!.tag} was accepted in ${name} and is gone`],
    ),
  );
}

/** Without a key a post is asked once only, so that more than one job is one too many either way. */
function twice({ wishes, key }: Post, jobs: readonly (readonly FinalJob[])[]): string[] {
  return jobs.flatMap((one, at) =>
    one.length > 1
      ? [`${wishes[at]!.tag} became ${one.length} jobs, ${key ? 'with one key' : 'asked for once'}`]
      : [],
  );
}

function keyed({ accepted, name }: Post): string[] {
  const answers = new Set(accepted.map((ids) => ids.join(' ')));
  return answers.size > 1 ? [`${name} was answered with different jobs: ${[...answers].join(' / ')}`] : [];
}

function partly({ accepted, unsure, name }: Post, jobs: readonly (readonly FinalJob[])[]): string[] {
  const missing = jobs.filter((one) => one.length === 0).length;
  return [
    ...(missing > 0 ? [`${name} is there in part: ${missing} of ${jobs.length} are missing`] : []),
    ...(accepted.length + unsure === 0 ? [`${name} was refused each time, and is there`] : []),
  ];
}
