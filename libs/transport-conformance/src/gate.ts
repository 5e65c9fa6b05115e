/** Holds jobs until the case opens it. */
export class Gate {
  /** Resolves once the gate is open. */
  readonly opened: Promise<void>;
  #open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => (this.#open = resolve));
  }

  open(): void {
    this.#open();
  }
}
