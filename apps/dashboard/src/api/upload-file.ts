import type { Asset } from './model.js';
import { Problem, problemOf, unreachable } from './problem.js';
import { authorization, currentSession, refuse } from './session.js';

/**
 * Stores a file. `fetch` cannot tell how much of a body has gone, so this is an XMLHttpRequest.
 * @param onSent called with the share that has gone, 0 to 1
 * @throws {Problem} when it is refused, the connection breaks, or `signal` aborts
 */
export function uploadFile(file: File, onSent: (share: number) => void, signal: AbortSignal): Promise<Asset> {
  const { key } = currentSession();
  const form = new FormData();
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    xhr.onerror = () => reject(unreachable());
    xhr.onabort = () => reject(new Problem(0, 'Stopped', 'the upload was stopped'));
    xhr.onload = () => {
      if (xhr.status === 201) return resolve(JSON.parse(xhr.responseText) as Asset);
      const problem = problemOf(xhr.status, xhr.responseText);
      if (xhr.status === 401) refuse(key, problem.detail);
      reject(problem);
    };
    signal.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.open('POST', '/v1/assets');
    for (const [name, value] of Object.entries(authorization())) xhr.setRequestHeader(name, value);
    xhr.send(form);
  });
}
