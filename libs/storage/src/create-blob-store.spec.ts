import { mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBlobStore } from './create-blob-store.js';

describe('createBlobStore', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'heavylift-storage-url-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('opens an absolute folder', async () => {
    const store = await createBlobStore(pathToFileURL(join(folder, 'my files')).href);
    expect(store.name).toBe(`file:${join(folder, 'my files')}`);
    expect(await readdir(folder)).toEqual(['my files']);
  });

  it('opens a folder relative to the working directory', async () => {
    const store = await createBlobStore(`file:./${relative(process.cwd(), join(folder, 'files'))}`);
    expect(store.name).toBe(`file:${join(folder, 'files')}`);
  });

  it.each([
    [
      'ftp://host/secret',
      'there is no storage for "ftp:"; it takes file:./folder or file:///absolute/folder',
    ],
    ['./files', 'the storage has no scheme; it takes file:./folder or file:///absolute/folder'],
    ['', 'the storage has no scheme; it takes file:./folder or file:///absolute/folder'],
    ['file:', 'the storage names no folder; it takes file:./folder or file:///absolute/folder'],
    [
      'file://host/folder',
      'the storage is no folder of this machine; it takes file:./folder or file:///absolute/folder',
    ],
  ])('refuses %j', async (url, message) => {
    await expect(createBlobStore(url)).rejects.toThrow(message);
  });
});
