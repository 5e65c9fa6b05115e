import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ProcessFacts } from '@heavylift/core';

/** How often the event loop's delay is sampled; a sample is late by that much when all is well. */
const resolutionMs = 20;
/** In less time than this, shares and delays are noise. */
const shortestLookMs = 1_000;

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as Pick<
  ProcessFacts,
  'version'
>;

/** Measures this process, from one look to the next. */
export class ProcessGauge {
  readonly #app: string;
  readonly #startedAt = new Date(Date.now() - process.uptime() * 1_000).toISOString();
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs });
  #since = performance.now();
  #cpu = process.cpuUsage();
  #measured = { cpuPercent: 0, eventLoopLagMs: 0 };

  constructor(app: string) {
    this.#app = app;
    this.#delay.enable();
  }

  facts(): ProcessFacts {
    const elapsedMs = performance.now() - this.#since;
    if (elapsedMs >= shortestLookMs) this.#measure(elapsedMs);
    return {
      app: this.#app,
      host: hostname(),
      pid: process.pid,
      version,
      startedAt: this.#startedAt,
      rssBytes: process.memoryUsage.rss(),
      ...this.#measured,
    };
  }

  close(): void {
    this.#delay.disable();
  }

  #measure(elapsedMs: number): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#measured = {
      cpuPercent: Math.round((user + system) / 10 / elapsedMs),
      eventLoopLagMs: Math.max(0, Math.round(this.#delay.max / 1e6 - resolutionMs)),
    };
    this.#since = performance.now();
    this.#cpu = process.cpuUsage();
    this.#delay.reset();
  }
}
