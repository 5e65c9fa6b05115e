import { useEffect, useState } from 'preact/hooks';

/** A value that changes, and who wants to know. */
export class Store<T> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(first: T) {
    this.#value = first;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    this.#value = value;
    for (const listener of this.#listeners) listener();
  }

  /** Calls back whenever it is set; returns how to stop that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** What is in a store now, and from now on. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.value);
  useEffect(() => {
    const show = (): void => setValue(() => store.value);
    // It may have changed between the first drawing and now.
    show();
    return store.listen(show);
  }, [store]);
  return value;
}
