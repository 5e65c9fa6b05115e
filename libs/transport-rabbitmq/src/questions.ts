/** Questions that the end of what is asked cuts short. Not `Promise.race`: what is raced with something that lives long is kept as long. */
export class Questions {
  readonly #waiting = new Set<(reason: Error) => void>();
  #reason: Error | undefined;

  constructor(ended: Promise<Error>) {
    void ended.then((reason) => this.#end(reason));
  }

  /** The outcome of `work`, or a rejection with the reason of the end. */
  orEnd<T>(work: Promise<T>): Promise<T> {
    if (this.#reason) return Promise.reject(this.#reason);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #end(reason: Error): void {
    this.#reason = reason;
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
  }
}
