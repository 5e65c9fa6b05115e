import type { HeavyliftProcess } from './process.js';

const everyMs = 100;

/** Looks at the memory of processes, children included, ten times a second. */
export class MemoryWatch {
  readonly #processes: Readonly<Record<string, HeavyliftProcess>>;
  readonly #timer: NodeJS.Timeout;
  #samples: Record<string, number[]> = {};

  constructor(processes: Readonly<Record<string, HeavyliftProcess>>) {
    this.#processes = processes;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** The median of each process's memory while `work` goes on, in MiB. */
  async during(work: () => Promise<void>): Promise<Record<string, number>> {
    this.#samples = {};
    await work();
    this.#look();
    return Object.fromEntries(Object.entries(this.#samples).map(([app, values]) => [app, median(values)]));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const [app, one] of Object.entries(this.#processes)) (this.#samples[app] ??= []).push(one.memoryMiB);
  }
}

function median(values: readonly number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!);
}
