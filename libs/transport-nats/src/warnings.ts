import type { TransportError } from '@heavylift/core';

const quietMs = 60_000;

/** Warns by the process, at most once a minute for each code: a broker that is away must not fill the log. */
export function processWarnings(clientName: string): (error: TransportError) => void {
  const warnedAt = new Map<string, number>();
  return (error) => {
    const now = performance.now();
    if (now - (warnedAt.get(error.code) ?? -Infinity) < quietMs) return;
    warnedAt.set(error.code, now);
    process.emitWarning(`${clientName}: ${error.message}`, { type: 'HeavyliftWarning', code: error.code });
  };
}
