import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const file = new URL('./load-program.ts', import.meta.url).href;

/** Loads `http` as a program or by itself, and says whether Node loaded undici with it, and what the global WebSocket is. In a process of its own: what is loaded stays. */
const script = (asProgram: boolean): string => `
  import { loadProgram } from '${file}';
  const program = () => import('node:http');
  await (${asProgram} ? loadProgram(program) : program());
  const isLoaded = process.moduleLoadList.some((name) => name.includes('undici'));
  console.log(isLoaded, typeof WebSocket);
`;

async function loading(asProgram: boolean): Promise<string> {
  const args = ['--input-type=module', '--eval', script(asProgram)];
  return (await run(process.execPath, args, { timeout: 60_000 })).stdout.trim();
}

describe('a program', () => {
  it('does not load the WebSocket that http offers, and has the global one', async () => {
    expect(await loading(false)).toBe('true function');
    expect(await loading(true)).toBe('false function');
  });
});
