import { access, link, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { describeBlobStore } from './describe-blob-store.fixtures.js';
import { FileBlobStore } from './file-blob-store.js';

const hourMs = 3_600_000;

let root: string;
const makeRoot = async (): Promise<void> => {
  root = await mkdtemp(join(tmpdir(), 'heavylift-blobs-'));
};
const removeRoot = (): Promise<void> => rm(root, { recursive: true, force: true });

describeBlobStore('files', {
  create: async () => {
    await makeRoot();
    return FileBlobStore.open(join(root, 'made', 'here'));
  },
  remove: removeRoot,
});

describe('FileBlobStore', () => {
  beforeEach(makeRoot);
  afterEach(removeRoot);

  const partials = (): Promise<string[]> => readdir(join(root, '.partial'));

  it('keeps a file at the path that its key spells, for reading only', async () => {
    const store = await FileBlobStore.open(root);
    await store.write('assets/one', content('hello'));
    expect(await readFile(join(root, 'assets', 'one'), 'utf8')).toBe('hello');
    expect((await stat(join(root, 'assets', 'one'))).mode & 0o777).toBe(0o444);
    expect(await partials()).toEqual([]);
  });

  it('names its folder', async () => {
    expect((await FileBlobStore.open(root)).name).toBe(`file:${root}`);
  });

  it('removes its unfinished file when a stream fails', async () => {
    const store = await FileBlobStore.open(root);
    await expect(store.write('assets/one', cut())).rejects.toThrow('cut');
    expect(await partials()).toEqual([]);
    expect(await readdir(root)).toEqual(['.partial']);
  });

  it('closes a stream that it cannot store', async () => {
    const store = await FileBlobStore.open(root);
    await store.write('assets', content('a file where a folder should be'));
    let closed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* content('x');
      } finally {
        closed = true;
      }
    };
    await expect(store.write('assets/one', source())).rejects.toMatchObject({ code: 'EEXIST' });
    expect(closed).toBe(true);
    expect(await partials()).toEqual([]);
  });

  it('moves a file of the same filesystem in, and gives it out, without copying it', async () => {
    const store = await FileBlobStore.open(join(root, 'store'));
    const made = join(root, 'made');
    await writeFile(made, 'hello');
    const { ino } = await stat(made);
    await store.moveIn('assets/one', made);
    await store.copyOut('assets/one', join(root, 'copy'));
    expect((await stat(join(root, 'store', 'assets', 'one'))).ino).toBe(ino);
    expect((await stat(join(root, 'copy'))).ino).toBe(ino);
    expect((await stat(join(root, 'copy'))).mode & 0o777).toBe(0o444);
  });

  it('keeps the file when it cannot be moved in', async () => {
    const store = await FileBlobStore.open(join(root, 'store'));
    await store.write('assets', content('a file where a folder should be'));
    await writeFile(join(root, 'made'), 'hello');
    await expect(store.moveIn('assets/one', join(root, 'made'))).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(join(root, 'made'), 'utf8')).toBe('hello');
  });

  it('removes unfinished files older than a day when it opens, and no others', async () => {
    await FileBlobStore.open(root);
    await writeFile(join(root, '.partial', 'left.partial'), 'half');
    await writeFile(join(root, '.partial', 'note.txt'), 'not ours');
    await FileBlobStore.open(root, Date.now() + 23 * hourMs);
    expect((await partials()).sort()).toEqual(['left.partial', 'note.txt']);
    await FileBlobStore.open(root, Date.now() + 25 * hourMs);
    expect(await partials()).toEqual(['note.txt']);
  });

  it('lists nothing of what is no stored file', async () => {
    const store = await FileBlobStore.open(root);
    await writeFile(join(root, '.partial', 'x.partial'), 'half');
    await writeFile(join(root, '.hidden'), 'x');
    await writeFile(join(root, 'with space'), 'x');
    await mkdir(join(root, 'empty'));
    await store.write('assets/one', content('hello'));
    const keys: string[] = [];
    for await (const entry of store.list('')) keys.push(entry.key);
    expect(keys).toEqual(['assets/one']);
  });

  it('rejects the check when its folder is gone', async () => {
    const store = await FileBlobStore.open(root);
    await removeRoot();
    await expect(store.check()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says so when the path of a copy is in no folder', async () => {
    const store = await FileBlobStore.open(root);
    await store.write('assets/one', content('hello'));
    const path = join(root, 'absent', 'copy');
    await expect(store.copyOut('assets/one', path)).rejects.toMatchObject({
      code: 'ENOENT',
      syscall: 'link',
    });
  });

  it('refuses a range that ends before it starts', async () => {
    const store = await FileBlobStore.open(root);
    await store.write('assets/one', content('hello'));
    await expect(store.read('assets/one', { start: 3, end: 2 })).rejects.toThrow(RangeError);
  });

  describe('with files on another filesystem', () => {
    let elsewhere: string;
    beforeEach(async () => {
      elsewhere = await otherFilesystem(root);
    });
    afterEach(() => rm(elsewhere, { recursive: true, force: true }));

    it('moves in by copying', async () => {
      const store = await FileBlobStore.open(root);
      await writeFile(join(elsewhere, 'made'), 'hello');
      const blob = await store.moveIn('assets/one', join(elsewhere, 'made'));
      expect(blob.bytes).toBe(5);
      expect(await readFile(join(root, 'assets', 'one'), 'utf8')).toBe('hello');
      expect(await readdir(elsewhere)).toEqual([]);
      expect(await partials()).toEqual([]);
    });

    it('gives out a copy', async () => {
      const store = await FileBlobStore.open(root);
      await store.write('assets/one', content('hello'));
      await store.copyOut('assets/one', join(elsewhere, 'copy'));
      expect(await readFile(join(elsewhere, 'copy'), 'utf8')).toBe('hello');
      await expect(store.copyOut('assets/one', join(elsewhere, 'copy'))).rejects.toMatchObject({
        code: 'EEXIST',
      });
    });
  });
});

async function* content(part: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from(part));
}

async function* cut(): AsyncGenerator<Uint8Array, void, undefined> {
  yield* content('half');
  throw new Error('cut');
}

/** A new folder to which no link can be made from `root`. Linux has one in memory; elsewhere the folder is an ordinary one, and links work. */
async function otherFilesystem(near: string): Promise<string> {
  const base = await access('/dev/shm').then(
    () => '/dev/shm',
    () => tmpdir(),
  );
  const folder = await mkdtemp(join(base, 'heavylift-blobs-'));
  if (base !== '/dev/shm') return folder;
  await writeFile(join(near, 'probe'), '');
  await expect(link(join(near, 'probe'), join(folder, 'probe'))).rejects.toMatchObject({ code: 'EXDEV' });
  return folder;
}
