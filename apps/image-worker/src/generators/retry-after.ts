const shortestMs = 1_000;
const longestMs = 3_600_000;

/** The wait that a `Retry-After` header asks for, in seconds or as a date, between a second and an hour; undefined when it says neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, shortestMs), longestMs);
}
