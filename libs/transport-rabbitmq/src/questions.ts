/** Questions that the end of what is asked cuts short. Not `Promise.race`: what is raced with something that lives long is kept as long. */
export class Questions {
  readonly #waiting = new Set<(reason: Error) => void>();
  #reason: Error | undefined;

  constructor(ended: Promise<Error>) {
    void ended.then((reason) => this.#end(reason));
  }

  /** The outcome of `work`, or a rejection with the reason of the end; then nobody else needs to hear of what becomes of the work. */
  orEnd<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#reason) reject(this.#reason);
      else this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #end(reason: Error): void {
    this.#reason = reason;
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
  }
}
