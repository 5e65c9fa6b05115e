import { createHash } from 'node:crypto';
import type { ErrorFacts } from '@heavylift/core';

const longestMessage = 300;

/** What differs from one failure to the next of the same cause, and what stands for it. */
const variable: readonly (readonly [RegExp, string])[] = [
  [/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '<url>'],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '<id>'],
  [/(?<![\w.])(\.{0,2}\/[\w.@+-]+)+\/?/g, '<path>'],
  [/\b[0-9a-f]{12,}\b/gi, '<hex>'],
  [/\d+([.,]\d+)*/g, '<n>'],
  [/"[^"]{0,200}"/g, '<text>'],
];

/** Names the cause of a failure: equal for failures of one job type with the same code, at the same place, whose messages differ only in names and numbers. */
export function causeOf(jobType: string, error: ErrorFacts): string {
  const parts = [jobType, error.code, messageOf(error), placeOf(error)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The message without what varies: a title for the group. */
export function messageOf({ message }: Pick<ErrorFacts, 'message'>): string {
  const text = variable.reduce(
    (kept, [pattern, name]) => kept.replace(pattern, name),
    message.slice(0, 2_000),
  );
  return text.slice(0, longestMessage);
}

/** The first place in the stack that is not Node's own, without folders, which differ between machines. */
function placeOf({ stack = '' }: Pick<ErrorFacts, 'stack'>): string {
  const line = stack.split('\n').find((each) => /^\s+at /.test(each) && !each.includes('node:'));
  return line?.trim().replace(/\(?(?:file:\/\/)?[^\s()]*\/([^/\s()]+?)(:\d+)?:\d+\)?$/, '$1$2') ?? '';
}
