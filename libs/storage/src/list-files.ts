import { type Dirent, type Stats } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isBlobKey } from './blob-key.js';
import type { BlobEntry } from './blob-store.js';
import { hasCode } from './error-code.js';

/** The files under `root` whose path, as a key, starts with the prefix. Walks only the folder that the prefix names. */
export async function* listFiles(root: string, prefix: string): AsyncGenerator<BlobEntry, void, undefined> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '' && !isBlobKey(folder.slice(0, -1))) return;
  yield* walk(root, folder, prefix);
}

async function* walk(
  root: string,
  folder: string,
  prefix: string,
): AsyncGenerator<BlobEntry, void, undefined> {
  for await (const child of children(join(root, folder))) {
    const key = folder + child.name;
    if (!isBlobKey(key)) continue;
    if (child.isDirectory() && mayHold(`${key}/`, prefix)) yield* walk(root, `${key}/`, prefix);
    if (!child.isFile() || !key.startsWith(prefix)) continue;
    const found = await unlessGone(stat(join(root, key)));
    if (found) yield entry(key, found);
  }
}

async function* children(path: string): AsyncGenerator<Dirent, void, undefined> {
  const folder = await unlessGone(opendir(path));
  if (folder) yield* folder;
}

function mayHold(folder: string, prefix: string): boolean {
  return folder.startsWith(prefix) || prefix.startsWith(folder);
}

function entry(key: string, found: Stats): BlobEntry {
  return { key, bytes: found.size, modifiedAt: found.mtime };
}

/** Files come and go while others are listed. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
