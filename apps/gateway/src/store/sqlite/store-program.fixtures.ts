/*
 * In place of `store-program.ts` when the tests run from the sources, which Node by itself does not read.
 */

/** Lets Node find a TypeScript source that others import as `.js`. */
const resolveSources = `data:text/javascript,import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  try { return next(name, context); } catch (error) {
    if (!name.startsWith('.')) throw error;
    return next(name.replace(/\\.js$/, '.ts'), context); } } });`;

export const program = new URL('./store-thread.ts', import.meta.url);

export const flags: readonly string[] = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--conditions=heavylift-source',
  '--import',
  resolveSources,
];
