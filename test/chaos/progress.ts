import type { History, Line } from './history.js';

const everyMs = 5_000;

/** Tells on the terminal how a run goes: what is done to the system, and now and then what came of it so far. */
export class Progress {
  readonly #print: (line: string) => void;
  readonly #history: History;
  readonly #begun = Date.now();
  readonly #timer: NodeJS.Timeout;
  readonly #counts = { asked: 0, accepted: 0, unanswered: 0, fetched: 0 };
  #read = 0;

  constructor({ print }: { readonly print: (line: string) => void }, history: History) {
    this.#print = print;
    this.#history = history;
    this.#timer = setInterval(() => this.#sum(), everyMs);
  }

  tell(what: string): void {
    const seconds = ((Date.now() - this.#begun) / 1_000).toFixed(0).padStart(5);
    this.#print(`${seconds} s  ${what}`);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sum(): void {
    const { lines } = this.#history;
    for (; this.#read < lines.length; this.#read++) this.#count(lines[this.#read]!);
    const { asked, accepted, unanswered, fetched } = this.#counts;
    this.tell(`  ${asked} posts, ${accepted} jobs accepted, ${unanswered} posts unanswered, ${fetched} runs`);
  }

  #count(line: Line): void {
    if (line.op === 'fetch') this.#counts.fetched++;
    if (line.op !== 'post') return;
    if (line.phase === 'asked') this.#counts.asked++;
    else if (line.phase === 'accepted') this.#counts.accepted += line.ids.length;
    else this.#counts.unanswered++;
  }
}
