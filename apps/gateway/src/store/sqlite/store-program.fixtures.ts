/*
 * In place of `store-program.ts` when the tests run from the sources, which Node by itself does not read.
 */

export const program = new URL('./store-thread.ts', import.meta.url);

export const flags: readonly string[] = [
  '--conditions=heavylift-source',
  '--import',
  new URL('../../../../../jest.sources.js', import.meta.url).href,
];
