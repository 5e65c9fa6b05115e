import { createHash } from 'node:crypto';
import { link, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BlobStore } from './blob-store.js';
import { all, blocks, chunks, failing, mebibyte, MemoryPeak, text } from './stream-probes.fixtures.js';

/** How the suite gets a store: a new, empty one for each test. The store is closed before `remove`. */
export interface BlobStoreHarness {
  create(): Promise<BlobStore>;
  remove(): Promise<void>;
}

/** Some chunks in flight, the runtime's own wobble, and far from the 300 MiB that go through. */
const allowedGrowth = 120 * mebibyte;

/** What every store promises, whatever is behind it. */
export function describeBlobStore(name: string, harness: BlobStoreHarness): void {
  describe(`the blob store of ${name}`, () => {
    let store: BlobStore;
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'heavylift-blob-suite-'));
      store = await harness.create();
    });

    afterEach(async () => {
      await store.close();
      await harness.remove();
      await rm(folder, { recursive: true, force: true });
    });

    const localFile = async (content: string): Promise<string> => {
      const path = join(folder, 'local.bin');
      await writeFile(path, content);
      return path;
    };

    describe('write', () => {
      it('stores a stream and tells its length and hash', async () => {
        const blob = await store.write('assets/one', chunks('hello ', 'world'));
        expect(blob).toEqual({ bytes: 11, sha256: sha256('hello world') });
        expect(await text(await store.read('assets/one'))).toBe('hello world');
      });

      it('stores a stream without a byte', async () => {
        expect(await store.write('assets/empty', chunks())).toEqual({ bytes: 0, sha256: sha256('') });
        expect(await text(await store.read('assets/empty'))).toBe('');
        expect(await store.size('assets/empty')).toBe(0);
      });

      it('replaces what was there', async () => {
        await store.write('assets/one', chunks('a longer first'));
        await store.write('assets/one', chunks('second'));
        expect(await text(await store.read('assets/one'))).toBe('second');
      });

      it('stores nothing of a stream that fails, and throws its error', async () => {
        await expect(store.write('assets/one', failing('half'))).rejects.toThrow('the line was cut');
        expect(await store.size('assets/one')).toBeUndefined();
        expect(await keys(store, '')).toEqual([]);
      });

      it('keeps what was there when the stream fails', async () => {
        await store.write('assets/one', chunks('first'));
        await expect(store.write('assets/one', failing('half'))).rejects.toThrow('the line was cut');
        expect(await text(await store.read('assets/one'))).toBe('first');
      });

      it('leaves one whole content when many write the same key at once', async () => {
        const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
        await Promise.all(contents.map((content) => store.write('assets/one', chunks(content))));
        expect(contents).toContain(await text(await store.read('assets/one')));
      });

      it('holds next to nothing of 300 MiB in memory, in and out', async () => {
        const memory = new MemoryPeak();
        const written = await store.write('assets/huge', memory.watching(blocks(300)));
        expect(written.bytes).toBe(300 * mebibyte);
        let bytes = 0;
        const hash = createHash('sha256');
        for await (const chunk of memory.watching(await store.read('assets/huge'))) {
          bytes += chunk.byteLength;
          hash.update(chunk);
        }
        expect({ bytes, sha256: hash.digest('hex') }).toEqual(written);
        expect(memory.growth).toBeLessThan(allowedGrowth);
      }, 120_000);
    });

    describe('moveIn', () => {
      it('stores a file and takes it away', async () => {
        const path = await localFile('hello');
        expect(await store.moveIn('assets/one', path)).toEqual({ bytes: 5, sha256: sha256('hello') });
        expect(await text(await store.read('assets/one'))).toBe('hello');
        expect(await readdir(folder)).toEqual([]);
      });

      it('replaces what was there', async () => {
        await store.write('assets/one', chunks('a longer first'));
        await store.moveIn('assets/one', await localFile('second'));
        expect(await text(await store.read('assets/one'))).toBe('second');
      });

      it('takes back its own copy', async () => {
        await store.write('assets/one', chunks('hello'));
        await store.copyOut('assets/one', join(folder, 'copy'));
        await store.moveIn('assets/one', join(folder, 'copy'));
        expect(await text(await store.read('assets/one'))).toBe('hello');
        expect(await readdir(folder)).toEqual([]);
      });

      it('stores its own copy under a second key that outlives the first', async () => {
        await store.write('assets/one', chunks('hello'));
        await store.copyOut('assets/one', join(folder, 'copy'));
        await store.moveIn('assets/two', join(folder, 'copy'));
        await store.remove('assets/one');
        expect(await text(await store.read('assets/two'))).toBe('hello');
      });

      it('rejects when there is no file', async () => {
        await expect(store.moveIn('assets/one', join(folder, 'absent'))).rejects.toThrow('absent');
        expect(await store.size('assets/one')).toBeUndefined();
      });

      it('refuses a symbolic link and a folder', async () => {
        const target = await localFile('secret');
        await symlink(target, join(folder, 'symbolic'));
        await expect(store.moveIn('assets/one', join(folder, 'symbolic'))).rejects.toThrow('no regular file');
        await expect(store.moveIn('assets/one', folder)).rejects.toThrow('no regular file');
        expect(await readFile(target, 'utf8')).toBe('secret');
      });
    });

    describe('read', () => {
      beforeEach(() => store.write('assets/one', chunks('0123456789')));

      it('gives a range, both ends included', async () => {
        expect(await text(await store.read('assets/one', { start: 2, end: 4 }))).toBe('234');
        expect(await text(await store.read('assets/one', { start: 0, end: 0 }))).toBe('0');
      });

      it('leaves out what lies behind the end', async () => {
        expect(await text(await store.read('assets/one', { start: 8, end: 99 }))).toBe('89');
      });

      it('rejects when there is nothing', async () => {
        await expect(store.read('assets/two')).rejects.toMatchObject(notFound('assets/two'));
        await expect(store.read('assets')).rejects.toMatchObject(notFound('assets'));
      });

      it('goes on with what it started when the key is replaced and removed', async () => {
        const reader = await store.read('assets/one');
        await store.write('assets/one', chunks('other'));
        await store.remove('assets/one');
        expect(await text(reader)).toBe('0123456789');
      });
    });

    describe('copyOut', () => {
      it('puts the content at a path', async () => {
        await store.write('assets/one', chunks('hello'));
        await store.copyOut('assets/one', join(folder, 'copy'));
        expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('hello');
      });

      it('makes a copy that stays whole when the key is replaced and removed', async () => {
        await store.write('assets/one', chunks('hello'));
        await store.copyOut('assets/one', join(folder, 'copy'));
        await store.write('assets/one', chunks('other'));
        await store.remove('assets/one');
        expect(await readFile(join(folder, 'copy'), 'utf8')).toBe('hello');
      });

      it('leaves the stored content alone when the copy is removed', async () => {
        await store.write('assets/one', chunks('hello'));
        await store.copyOut('assets/one', join(folder, 'copy'));
        await rm(join(folder, 'copy'));
        expect(await text(await store.read('assets/one'))).toBe('hello');
      });

      it('refuses a path where a file is, and leaves that file alone', async () => {
        await store.write('assets/one', chunks('hello'));
        const path = await localFile('mine');
        await expect(store.copyOut('assets/one', path)).rejects.toMatchObject({ code: 'EEXIST' });
        expect(await readFile(path, 'utf8')).toBe('mine');
      });

      it('rejects when there is nothing, and makes no file', async () => {
        const path = join(folder, 'copy');
        await expect(store.copyOut('assets/one', path)).rejects.toMatchObject(notFound('assets/one'));
        await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
      });
    });

    it('tells the size, and undefined when there is none', async () => {
      await store.write('assets/one', chunks('hello'));
      expect(await store.size('assets/one')).toBe(5);
      expect(await store.size('assets/two')).toBeUndefined();
      expect(await store.size('assets')).toBeUndefined();
      expect(await store.size('assets/one/more')).toBeUndefined();
    });

    it('removes, also what is not there', async () => {
      await store.write('assets/one', chunks('hello'));
      await store.remove('assets/one');
      await store.remove('assets/one');
      await store.remove('other/none');
      expect(await store.size('assets/one')).toBeUndefined();
    });

    it('lists the keys that start with a prefix', async () => {
      for (const key of ['assets/a1', 'assets/a2', 'assets/b1', 'assets/a/deep', 'other/a1', 'top'])
        await store.write(key, chunks(key));
      expect(await keys(store, '')).toEqual([
        'assets/a/deep',
        'assets/a1',
        'assets/a2',
        'assets/b1',
        'other/a1',
        'top',
      ]);
      expect(await keys(store, 'assets/')).toEqual(['assets/a/deep', 'assets/a1', 'assets/a2', 'assets/b1']);
      expect(await keys(store, 'assets/a')).toEqual(['assets/a/deep', 'assets/a1', 'assets/a2']);
      expect(await keys(store, 'assets/a/')).toEqual(['assets/a/deep']);
      expect(await keys(store, 'absent/')).toEqual([]);
      expect(await keys(store, '../')).toEqual([]);
    });

    it('lists size and time', async () => {
      const before = Date.now();
      await store.write('assets/one', chunks('hello'));
      const [entry] = await all(store.list('assets/'));
      expect(entry).toMatchObject({ key: 'assets/one', bytes: 5 });
      expect(Math.abs((entry?.modifiedAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    });

    it.each([
      ['nothing', ''],
      ['an absolute path', '/etc/passwd'],
      ['a step up', '../outside'],
      ['a step up inside', 'assets/../../outside'],
      ['a step up at the end', 'assets/..'],
      ['a dot', 'assets/./one'],
      ['an empty part', 'assets//one'],
      ['a folder', 'assets/'],
      ['a hidden folder', '.partial/one'],
      ['a space', 'assets/a b'],
      ['a backslash', 'assets\\one'],
      ['a NUL', 'assets/one\0'],
      ['a line end', 'assets/one\n'],
      ['a percent sign', 'assets/%2e%2e/one'],
      ['too many letters', 'a'.repeat(801)],
    ])('refuses a key with %s', async (_, key) => {
      const refusal = { code: 'blob.invalid_key' };
      const path = await localFile('mine');
      await expect(store.write(key, chunks('x'))).rejects.toMatchObject(refusal);
      await expect(store.moveIn(key, path)).rejects.toMatchObject(refusal);
      await expect(store.read(key)).rejects.toMatchObject(refusal);
      await expect(store.copyOut(key, join(folder, 'copy'))).rejects.toMatchObject(refusal);
      await expect(store.size(key)).rejects.toMatchObject(refusal);
      await expect(store.remove(key)).rejects.toMatchObject(refusal);
      expect(await readFile(path, 'utf8')).toBe('mine');
    });

    it('says that it can be written to, and leaves no trace of the question', async () => {
      await store.check();
      expect(await keys(store, '')).toEqual([]);
    });

    it('is not moved by what happens to another link of a file that it took', async () => {
      const path = await localFile('hello');
      await link(path, join(folder, 'other'));
      await store.moveIn('assets/one', path);
      await rm(join(folder, 'other'));
      expect(await text(await store.read('assets/one'))).toBe('hello');
    });
  });
}

async function keys(store: BlobStore, prefix: string): Promise<string[]> {
  const entries = await all(store.list(prefix));
  return entries.map((entry) => entry.key).sort();
}

function notFound(key: string): object {
  return { code: 'blob.not_found', key };
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
