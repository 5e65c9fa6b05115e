import { isDeepStrictEqual } from 'node:util';

/** The names of the fields in which two objects differ as data, whoever made them: what an audit entry may tell of a change. */
export function changedFields(before: object, after: object): string[] {
  const [old, now] = [structuredClone(before), structuredClone(after)] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(old!), ...Object.keys(now!)])];
  return names.filter((name) => !isDeepStrictEqual(old![name], now![name]));
}
