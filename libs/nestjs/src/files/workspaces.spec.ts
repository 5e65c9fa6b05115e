import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetIdPattern } from '@heavylift/contracts';
import { JobContext, UnrecoverableError } from '@heavylift/core';
import { FileBlobStore } from '@heavylift/storage';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { folderPrefix, removeStaleFolders } from './run-folders.js';
import { Workspaces } from './workspaces.js';

describe('Workspaces', () => {
  let root: string;
  let tempDir: string;
  let blobs: FileBlobStore;
  let workspaces: Workspaces;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'heavylift-workspaces-'));
    tempDir = join(root, 'temp');
    blobs = await FileBlobStore.open(join(root, 'files'));
    workspaces = new Workspaces(blobs, { allowPrivateSources: true, maxSourceBytes: 1_000, tempDir });
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  describe('use', () => {
    it('gives each run its own empty folder, closed to others, and removes it', async () => {
      const dirs = await Promise.all(
        [1, 2].map(() =>
          workspaces.use(job(), async ({ dir }) => {
            expect(await readdir(dir)).toEqual([]);
            expect((await stat(dir)).mode & 0o777).toBe(0o700);
            await mkdir(join(dir, 'deep'));
            await writeFile(join(dir, 'deep', 'file'), 'x');
            return dir;
          }),
        ),
      );
      expect(new Set(dirs).size).toBe(2);
      expect(await readdir(tempDir)).toEqual([]);
    });

    it('removes the folder when the work fails, and passes the error on', async () => {
      const broken = new Error('broken');
      const use = workspaces.use(job(), async (workspace) => {
        await writeFile(workspace.path('file'), 'x');
        throw broken;
      });
      await expect(use).rejects.toBe(broken);
      expect(await readdir(tempDir)).toEqual([]);
    });

    it('removes files that are links to stored ones, and leaves those', async () => {
      await blobs.write('assets/asset-0001', content('hello'));
      await workspaces.use(job(), (workspace) => workspace.fetch('asset-0001', 'input'));
      expect(await blobs.size('assets/asset-0001')).toBe(5);
    });

    it('removes folders of dead processes first, and no others', async () => {
      const dead = await deadPid();
      const keep = [
        `${folderPrefix(tempDir, process.ppid)}AAAAAA`,
        `${folderPrefix(tempDir)}BBBBBB`,
        join(tempDir, `heavylift-run-other.machine-${dead}-CCCCCC`),
        join(tempDir, 'something-else'),
      ];
      const stale = `${folderPrefix(tempDir, dead)}DDDDDD`;
      for (const dir of [...keep, stale]) await mkdir(join(dir, 'content'), { recursive: true });
      await workspaces.use(job(), () => Promise.resolve());
      expect((await readdir(tempDir)).map((name) => join(tempDir, name)).sort()).toEqual([...keep].sort());
    });

    it('removes folders of an earlier process with the number of this one', async () => {
      const folder = `${folderPrefix(tempDir)}AAAAAA`;
      await mkdir(folder, { recursive: true });
      await removeStaleFolders(tempDir, Date.now() - 60_000);
      expect(await readdir(tempDir)).toHaveLength(1);
      await removeStaleFolders(tempDir, Date.now() + 60_000);
      expect(await readdir(tempDir)).toEqual([]);
    });
  });

  describe('path', () => {
    it('is in the folder', () =>
      workspaces.use(job(), async (workspace) =>
        expect(workspace.path('frame-%03d.jpg')).toBe(join(workspace.dir, 'frame-%03d.jpg')),
      ));

    it.each(['', '.', '..', '../x', 'a/b', '/etc/passwd', 'a\\b', 'a\0'])('refuses %j', (name) =>
      workspaces.use(job(), async (workspace) => expect(() => workspace.path(name)).toThrow(RangeError)),
    );
  });

  describe('fetch', () => {
    it('brings an asset', async () => {
      await blobs.write('assets/asset-0001', content('hello'));
      await workspaces.use(job(), async (workspace) => {
        const path = await workspace.fetch('asset-0001', 'input');
        expect(path).toBe(join(workspace.dir, 'input'));
        expect(await readFile(path, 'utf8')).toBe('hello');
      });
    });

    it.each(['asset-0002', '../files/asset-0001', 'ftp://host/asset', 'x', ''])(
      'fails for good when there is no asset %j',
      async (source) => {
        await workspaces.use(job(), async (workspace) => {
          const fetched = workspace.fetch(source, 'input');
          await expect(fetched).rejects.toBeInstanceOf(UnrecoverableError);
          await expect(fetched).rejects.toMatchObject({ code: 'source.not_found' });
        });
      },
    );

    describe('with a URL', () => {
      let url: string;
      let close: () => Promise<void>;

      beforeEach(async () => {
        const server = createServer((request, response) =>
          response.end('x'.repeat(request.url === '/large' ? 1_001 : 5)),
        );
        await once(server.listen(0, '127.0.0.1'), 'listening');
        url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        close = async () => {
          const closed = once(server, 'close');
          server.close();
          server.closeAllConnections();
          await closed;
        };
      });
      afterEach(() => close());

      it('brings the file', () =>
        workspaces.use(job(), async (workspace) =>
          expect(await readFile(await workspace.fetch(`${url}/a`, 'input'), 'utf8')).toBe('xxxxx'),
        ));

      it('takes none above the limit', () =>
        workspaces.use(job(), (workspace) =>
          expect(workspace.fetch(`${url}/large`, 'input')).rejects.toMatchObject({
            code: 'source.too_large',
          }),
        ));

      it('takes none from a private address unless allowed', async () => {
        const strict = new Workspaces(blobs, { allowPrivateSources: false, maxSourceBytes: 1_000, tempDir });
        await strict.use(job(), (workspace) =>
          expect(workspace.fetch(url, 'input')).rejects.toMatchObject({ code: 'source.private_address' }),
        );
      });
    });

    it('does nothing when the job was called off', async () => {
      const reason = new Error('cancelled');
      const abort = new AbortController();
      const context = job(abort.signal);
      abort.abort(reason);
      await workspaces.use(context, (workspace) =>
        expect(workspace.fetch('asset-0001', 'input')).rejects.toBe(reason),
      );
    });
  });

  describe('save', () => {
    it('stores a result and adds it to the job', async () => {
      const context = job();
      const id = await workspaces.use(context, async (workspace) => {
        await writeFile(workspace.path('out.mp4'), 'hello');
        return workspace.save(workspace.path('out.mp4'), {
          name: 'video',
          filename: 'holiday.mp4',
          mediaType: 'video/mp4',
        });
      });
      expect(id).toMatch(assetIdPattern);
      expect(await blobs.size(`assets/${id}`)).toBe(5);
      const sha256 = createHash('sha256').update('hello').digest('hex');
      expect(context.outputs).toEqual([
        { id, filename: 'holiday.mp4', mediaType: 'video/mp4', bytes: 5, sha256 },
      ]);
    });

    it('stores what it fetched under an id of its own', async () => {
      await blobs.write('assets/asset-0001', content('hello'));
      const id = await workspaces.use(job(), async (workspace) =>
        workspace.save(await workspace.fetch('asset-0001', 'input'), picture('same')),
      );
      await blobs.remove('assets/asset-0001');
      expect(await blobs.size(`assets/${id}`)).toBe(5);
    });

    it('keeps the results of two runs of one attempt apart', async () => {
      const save = (run: string): Promise<string> =>
        workspaces.use(job(undefined, run), async (workspace) => {
          await writeFile(workspace.path('out'), run);
          return workspace.save(workspace.path('out'), picture('out'));
        });
      expect(await save('run-0000001')).not.toBe(await save('run-0000002'));
    });

    it('refuses a second result of the same name', () =>
      workspaces.use(job(), async (workspace) => {
        await writeFile(workspace.path('one'), '1');
        await writeFile(workspace.path('two'), '2');
        await workspace.save(workspace.path('one'), picture('same'));
        await expect(workspace.save(workspace.path('two'), picture('same'))).rejects.toThrow(RangeError);
      }));

    it('stores nothing once the job was called off', async () => {
      const abort = new AbortController();
      const context = job(abort.signal);
      await workspaces.use(context, async (workspace) => {
        await writeFile(workspace.path('out'), 'x');
        abort.abort(new Error('lease lost'));
        await expect(workspace.save(workspace.path('out'), picture('out'))).rejects.toThrow('lease lost');
      });
      expect(context.outputs).toEqual([]);
      expect(await readdir(join(root, 'files'))).toEqual(['.partial']);
    });
  });
});

function job(signal: AbortSignal = new AbortController().signal, run = '5e1f0c3a-run-deadbeef'): JobContext {
  const facts = {
    id: '0197f0c2-6f2e-7c1a-9a51-3f0f6a8d2b11',
    type: 'video.transcode',
    version: 1,
    attempt: 1,
    maxAttempts: 3,
    run,
    deadline: new Date(Date.now() + 60_000),
  };
  return new JobContext(facts, { signal });
}

function picture(name: string): { name: string; filename: string; mediaType: string } {
  return { name, filename: `${name}.png`, mediaType: 'image/png' };
}

/** The number of a process that was here a moment ago. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? Number.NaN;
}

async function* content(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from(text));
}
