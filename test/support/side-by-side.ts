import { afterAll, beforeAll, describe, it } from '@jest/globals';

type Work = () => unknown;

/** Stands in for Jest's functions of these names. `limitMs` is 30,000 unless told. */
export interface Cases {
  beforeAll(work: Work, limitMs?: number): void;
  afterAll(work: Work, limitMs?: number): void;
  it(name: string, work: Work, limitMs?: number): void;
}

/** So much later Jest gives up: what is too slow is told by its own error. */
const graceMs = 10_000;

/**
 * As `describe.each(items)(name, …)`, for cases that wait more than they work: what is defined for one item runs in its order,
 * beside that of the other items. Each item needs servers of its own. All run, whatever `--testNamePattern` chooses.
 */
export function describeSideBySide<T extends string>(
  items: readonly T[],
  name: string,
  define: (item: T, cases: Cases) => void,
): void {
  const lines = items.map((item) => new Line(name.replace('%s', item), (cases) => define(item, cases)));
  if (lines.length === 0) return;
  beforeAll(() => {
    for (const line of lines) line.begin();
  });
  for (const line of lines) line.describe();
}

/** One thing to do, and what came of it. */
class Step {
  readonly done: Promise<unknown>;
  #begin!: () => void;

  constructor(
    readonly name: string,
    readonly work: Work,
    readonly limitMs: number,
  ) {
    const begun = new Promise<void>((resolve) => (this.#begin = resolve));
    this.done = begun.then(() => this.#limited());
    // Whoever asks for it is told; the line goes on.
    this.done.catch(() => {});
  }

  async run(): Promise<void> {
    this.#begin();
    await this.done.catch(() => {});
  }

  async #limited(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`${this.name}: not done within ${this.limitMs} ms`);
      timer = setTimeout(() => reject(error), this.limitMs);
    });
    try {
      await Promise.race([this.work(), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The cases of one item. */
class Line {
  readonly #before: Step[] = [];
  readonly #cases: Step[] = [];
  readonly #after: Step[] = [];

  constructor(
    readonly name: string,
    define: (cases: Cases) => void,
  ) {
    const to =
      (steps: Step[], what: string) =>
      (work: Work, limitMs = 30_000): void =>
        void steps.push(new Step(what, work, limitMs));
    define({
      beforeAll: to(this.#before, 'beforeAll'),
      afterAll: to(this.#after, 'afterAll'),
      it: (name, work, limitMs) => to(this.#cases, name)(work, limitMs),
    });
  }

  begin(): void {
    void this.#run();
  }

  describe(): void {
    describe(this.name, () => {
      for (const { done, limitMs } of this.#before) beforeAll(() => done, limitMs + graceMs);
      for (const { name, done, limitMs } of this.#cases) it(name, () => done, limitMs + graceMs);
      for (const { done, limitMs } of this.#after) afterAll(() => done, limitMs + graceMs);
    });
  }

  async #run(): Promise<void> {
    for (const step of [...this.#before, ...this.#cases, ...this.#after]) await step.run();
  }
}
