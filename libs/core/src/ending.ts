/**
 * That something is to end, or has, and why. Makes its signal when somebody first asks for it: most jobs are over before, and a signal
 * with its listeners costs a short one more than all else that is kept of it.
 */
export class Ending<R> {
  #end: { readonly reason: R } | undefined;
  #controller: AbortController | undefined;
  #listener: (() => void) | undefined;

  get isOver(): boolean {
    return this.#end !== undefined;
  }

  /** Of the first that ended it. */
  get reason(): R | undefined {
    return this.#end?.reason;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#end) this.#controller.abort(this.#end.reason);
    }
    return this.#controller.signal;
  }

  /** Calls `listener` at the end, at once if that was before; undefined: nobody any more. */
  onEnd(listener: (() => void) | undefined): void {
    this.#listener = listener;
    if (this.#end) listener?.();
  }

  end(reason: R): void {
    if (this.#end) return;
    this.#end = { reason };
    this.#controller?.abort(reason);
    this.#listener?.();
  }
}
