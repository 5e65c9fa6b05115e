import { problemOf, unreachable } from './problem.js';
import { authorization, currentSession, refuse } from './session.js';

/**
 * A request with the key of this tab, answered well.
 * @throws {Problem} when the gateway refuses it, or does not answer
 */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await send(path, init);
  if (response.ok) return response;
  throw problemOf(response.status, await response.text());
}

/** What a path answers. @throws {Problem} */
export async function readJson<T>(path: string, signal: AbortSignal): Promise<T> {
  return (await (await request(path, { signal })).json()) as T;
}

/** Sends a body, or none, and reads the answer. @throws {Problem} */
export async function sendJson<T>(
  method: 'POST' | 'PUT' | 'PATCH',
  path: string,
  body?: unknown,
): Promise<T> {
  const init =
    body === undefined
      ? { method }
      : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await request(path, init)).json()) as T;
}

/** Like `request`, whatever the answer's status. A 401 makes the page ask for a key. */
async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const { key } = currentSession();
  const response = await reached(path, { ...init, headers: { ...init.headers, ...authorization() } });
  if (response.status === 401) refuse(key, problemOf(401, await response.clone().text()).detail);
  return response;
}

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable();
  }
}
