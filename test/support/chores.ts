import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Options, transformFile } from '@swc/core';

const source = join(import.meta.dirname, '../fixtures/chores');
const output = join(import.meta.dirname, '../../test-output/fixtures');

const options: Options = {
  swcrc: false,
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

let built: Promise<string> | undefined;

/** Builds the worker and the gateway of `test/fixtures/chores`, as their user would; says in which folder their main files are. */
export function buildChores(): Promise<string> {
  // Once: what one system runs must not be written again for another one beside it.
  return (built ??= build());
}

async function build(): Promise<string> {
  // A folder for each test process: two may build at once.
  const folder = join(output, `chores-${process.pid}`);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(source)) {
    const { code } = await transformFile(join(source, file), options);
    await writeFile(join(folder, file.replace(/\.ts$/, '.js')), code);
  }
  return folder;
}
