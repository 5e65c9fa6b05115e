/**
 * That something is to end, and why. Makes its signal when somebody first asks for it: most runs are over before, and a signal
 * with its listeners costs a short run more than all else that is kept of it.
 */
export class Ending {
  #reason: Error | undefined;
  #controller: AbortController | undefined;
  #listener: (() => void) | undefined;

  /** Of the first that ended it. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Calls `listener` at the end, at once if that was before; undefined: nobody any more. */
  onEnd(listener: (() => void) | undefined): void {
    this.#listener = listener;
    if (this.#reason) listener?.();
  }

  end(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    this.#listener?.();
  }

  throwIfEnded(): void {
    if (this.#reason) throw this.#reason;
  }
}
