import { describe, expect, it } from '@jest/globals';
import { causeOf, messageOf } from './cause-of.js';

const error = (message: string, stack?: string, code = 'handler.failed') => ({
  name: 'Error',
  code,
  message,
  retryable: true,
  ...(stack ? { stack } : {}),
});
const stackAt = (folder: string, line: number): string =>
  `Error: no\n    at run (node:internal/process/task_queues:1:2)\n    at Jobs.transcode (file://${folder}/jobs.js:${line}:7)\n    at next (${folder}/b.js:1:1)`;

describe('the cause of a failure', () => {
  it.each([
    ['cannot read https://a.example/1.mov', 'cannot read http://b.example/other?x=1'],
    ['no asset 0190a1b2-0000-7000-8000-000000000001', 'no asset 0190a1b2-ffff-7000-8000-00000000abcd'],
    ['ENOENT: /tmp/run-1/in.mp4', 'ENOENT: /var/data/run-22/in.mp4'],
    ['took 12.5 s of 10', 'took 99 s of 10'],
    ['"a.mov" is no video', '"b c.mov" is no video'],
    ['digest deadbeefdeadbeef differs', 'digest 0123456789abcdef differs'],
  ])('is the same for "%s" and "%s"', (one, other) => {
    expect(causeOf('a.b', error(one))).toBe(causeOf('a.b', error(other)));
  });

  it('differs by job type, code, message and place', () => {
    const all = [
      causeOf('a.b', error('no luck', stackAt('/app', 3))),
      causeOf('c.d', error('no luck', stackAt('/app', 3))),
      causeOf('a.b', error('no luck', stackAt('/app', 3), 'other.code')),
      causeOf('a.b', error('bad luck', stackAt('/app', 3))),
      causeOf('a.b', error('no luck', stackAt('/app', 4))),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('does not depend on the folder that the code lies in', () => {
    expect(causeOf('a.b', error('no', stackAt('/app', 3)))).toBe(
      causeOf('a.b', error('no', stackAt('/opt/x', 3))),
    );
  });

  it('has a title that people can read', () => {
    expect(messageOf(error('cannot read https://a.example/1.mov after 3 tries'))).toBe(
      'cannot read <url> after <n> tries',
    );
    expect(messageOf(error('x'.repeat(5_000))).length).toBeLessThanOrEqual(300);
  });
});
