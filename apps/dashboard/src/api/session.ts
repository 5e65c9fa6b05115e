const storageKey = 'heavylift.apiKey';

export interface Session {
  /** Kept for this tab only. */
  readonly key: string | undefined;
  /** Why the gateway wants a key, or another one; undefined while it is content. */
  readonly refusal: string | undefined;
}

const listeners = new Set<() => void>();
let session: Session = { key: sessionStorage.getItem(storageKey) ?? undefined, refusal: undefined };

export function currentSession(): Session {
  return session;
}

/** Calls back at every change; returns how to stop that. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function setKey(key: string): void {
  sessionStorage.setItem(storageKey, key);
  change({ key, refusal: undefined });
}

export function forgetKey(): void {
  sessionStorage.removeItem(storageKey);
  change({ key: undefined, refusal: undefined });
}

/** The gateway answered 401 to a request that was sent with `sentKey`. */
export function refuse(sentKey: string | undefined, detail: string): void {
  // An answer to an older key says nothing about the one that is set now.
  if (sentKey === session.key) change({ key: session.key, refusal: detail });
}

export function authorization(): Readonly<Record<string, string>> {
  return session.key ? { authorization: `Bearer ${session.key}` } : {};
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}
