import { fileURLToPath } from 'node:url';
import type { BlobStore } from './blob-store.js';
import { FileBlobStore } from './file-blob-store.js';

const takes = 'it takes file:./folder or file:///absolute/folder';

/**
 * The store that a URL names, opened: `file:./folder`, relative to the working directory, or `file:///absolute/folder`.
 * @throws {Error} naming the scheme and what it takes; the URL itself, which may hold a secret, is not in the message
 */
export async function createBlobStore(url: string): Promise<BlobStore> {
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  if (scheme === 'file:') return FileBlobStore.open(folderOf(url));
  throw new Error(
    scheme ? `there is no storage for "${scheme}"; ${takes}` : `the storage has no scheme; ${takes}`,
  );
}

function folderOf(url: string): string {
  const rest = url.slice('file:'.length);
  if (rest === '') throw new Error(`the storage names no folder; ${takes}`);
  if (!rest.startsWith('//')) return rest;
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new Error(`the storage is no folder of this machine; ${takes}`, { cause: error });
  }
}
