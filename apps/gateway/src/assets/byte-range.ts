import { Problem } from '../problems/problem.js';

export interface ByteRange {
  readonly start: number;
  /** Included. */
  readonly end: number;
}

/**
 * The one range that a `Range` header asks for; undefined when the whole is to be sent, as for several ranges, another unit or one that ends before it starts.
 * @throws {Problem} 416 when it lies behind the end
 */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end && start < size) return { start, end };
  throw new Problem(416, 'range.not_satisfiable', `the file has ${size} bytes`, {
    headers: { 'content-range': `bytes */${size}` },
  });
}
