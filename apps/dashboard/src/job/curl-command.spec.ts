import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { curlCommand } from './curl-command.js';

/** What a shell makes of the command, with `curl` standing for "print each argument on a line of its own". */
function argumentsOf(command: string): readonly string[] {
  const script = `curl() { printf '%s\\n' "$@"; }\n${command}`;
  const env = { ...process.env, HEAVYLIFT_API_KEY: 'k1' };
  return execFileSync('sh', ['-c', script], { encoding: 'utf8', env }).trimEnd().split('\n');
}

describe('the curl command of a job', () => {
  it('brings any payload through a shell as it is', () => {
    const job = { type: 'image.resize', payload: { source: `it's "$HOME" \\ \`id\` $(id) 'x' 🎬` } };
    expect(argumentsOf(curlCommand('http://127.0.0.1:3000', job, false))).toEqual([
      'http://127.0.0.1:3000/v1/jobs',
      '-H',
      'Content-Type: application/json',
      '-d',
      JSON.stringify(job),
    ]);
  });

  it('takes the key from the environment', () => {
    const command = curlCommand('http://127.0.0.1:3000', { type: 't', payload: {} }, true);
    expect(argumentsOf(command)).toContain('Authorization: Bearer k1');
  });
});
