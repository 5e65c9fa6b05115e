import type { JobLog } from '../api/model.js';

/** More would make the page slow. */
const mostShown = 1_000;

/** A log with what was written since; a part that is in it already changes nothing. */
export function withPart(log: JobLog, part: JobLog): JobLog {
  if (part.seq <= log.seq) return log;
  const items = [...log.items, ...part.items];
  const cut = Math.max(0, items.length - mostShown);
  return { items: items.slice(cut), omitted: log.omitted + part.omitted + cut, seq: part.seq };
}

/** Joins what is read with what comes meanwhile. `show` gets the whole, again and again. */
export class LogJoiner {
  readonly #show: (log: JobLog) => void;
  #log: JobLog | undefined;
  #early: JobLog[] = [];

  constructor(show: (log: JobLog) => void) {
    this.#show = show;
  }

  /** Call it before what `take` gets from now on, and `read` after it was read. */
  begin(): void {
    this.#log = undefined;
    this.#early = [];
  }

  read(log: JobLog): void {
    // Read twice at once, and the other answer was the newer one.
    if (this.#log && this.#log.seq >= log.seq) return;
    this.#set(this.#early.reduce(withPart, log));
    this.#early = [];
  }

  take(part: JobLog): void {
    if (this.#log) this.#set(withPart(this.#log, part));
    else this.#early.push(part);
  }

  #set(log: JobLog): void {
    this.#log = log;
    this.#show(log);
  }
}
