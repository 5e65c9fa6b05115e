import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.ts';

/** Who owns a folder and runs a server. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** A new folder for one server's data, owned by `user` when given. Its server removes it. */
export async function serverFolder(name: string, user?: User): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `heavylift-${name}-`));
  if (user) await chown(folder, user.uid, user.gid);
  return folder;
}

/** For a server that refuses to be root: another user when we are root, `undefined` (this user) otherwise. */
export async function unprivilegedUser(preferred: string): Promise<User | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string, name: string): Promise<number> => Number(await run('id', [flag, name]));
  const named = async (name: string): Promise<User> => ({
    uid: await idOf('-u', name),
    gid: await idOf('-g', name),
  });
  return named(preferred).catch(() => named('nobody'));
}
