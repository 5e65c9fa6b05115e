import type { Logger } from '@heavylift/core';
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';

/** One JSON line per message; readable lines on a terminal. `LOG_LEVEL` is pino's own convention. */
export async function createLogger(app: string): Promise<AppLogger> {
  const level = process.env.LOG_LEVEL ?? 'info';
  const stream = process.stdout.isTTY
    ? (await import('pino-pretty')).PinoPretty({ colorize: true, ignore: 'pid,hostname,app', sync: true })
    : process.stdout;
  return new AppLogger(pino({ level, base: { app } }, stream));
}

/** The logger of a process, for the core and for Nest. */
export class AppLogger implements Logger, LoggerService {
  constructor(private readonly lines: pino.Logger) {}

  info(message: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.lines.info(withError(facts), message);
  }

  warn(message: unknown, facts?: unknown): void {
    this.lines.warn(factsOf(facts), String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.lines.error(message instanceof Error ? { err: message } : factsOf(rest[0]), String(message));
  }

  /** Nest's own start-up chatter. */
  log(message: unknown, context?: unknown): void {
    this.lines.debug(factsOf(context), String(message));
  }
}

/** Nest gives a context name where the core gives facts. */
function factsOf(rest: unknown): Record<string, unknown> {
  if (typeof rest === 'string') return { context: rest };
  return typeof rest === 'object' && rest !== null ? withError(rest as Record<string, unknown>) : {};
}

function withError({ error, ...facts }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return error === undefined ? facts : { ...facts, err: error };
}
