import { extname } from 'node:path';

/** What the thread of a store runs: the file beside this one, compiled or not. */
export const program = new URL(`./store-thread${extname(import.meta.url)}`, import.meta.url);

/** Flags for Node. Default: those of this process. */
export const flags: readonly string[] | undefined = undefined;
