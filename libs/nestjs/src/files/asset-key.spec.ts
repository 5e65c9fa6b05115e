import { assetIdPattern } from '@heavylift/contracts';
import { describe, expect, it } from '@jest/globals';
import { assetKey, resultAssetId } from './asset-key.js';

const job = {
  id: '0197f0c2-6f2e-7c1a-9a51-3f0f6a8d2b11',
  attempt: 2,
  run: '0197f0c3-1111-7222-8333-4444deadbeef',
};

describe('an asset', () => {
  it('is kept under its id', () => expect(assetKey('abc12345')).toBe('assets/abc12345'));

  it('of a result is named after job, attempt, run and its own name', () =>
    expect(resultAssetId(job, 'Poster (720p).jpg')).toBe(`${job.id}.2.deadbeef.poster-720p-jpg`));

  it('has another id in each run', () =>
    expect(resultAssetId({ ...job, run: '0197f0c3-1111-7222-8333-4444deadbee0' }, 'a')).not.toBe(
      resultAssetId(job, 'a'),
    ));

  it.each([
    '',
    '../../etc/passwd',
    '...',
    'ä ö ü',
    '日本',
    '-',
    '_',
    '.',
    'x'.repeat(5_000),
    'a/b\\c\0d',
    '%s',
    '\n',
  ])('has an id that fits the pattern when its name is %j', (name) => {
    expect(resultAssetId(job, name)).toMatch(assetIdPattern);
    expect(resultAssetId({ id: name, attempt: 1, run: name }, name)).toMatch(assetIdPattern);
  });
});
