import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { newId } from './new-id.js';

describe('newId', () => {
  const ids = Array.from({ length: 5_000 }, () => newId());

  it('makes UUIDs of version 7', () => {
    expect(ids.filter((id) => !validate(id) || version(id) !== 7)).toEqual([]);
  });

  it('makes none twice', () => {
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes them in their order, those of one millisecond too', () => {
    expect(ids.toSorted()).toEqual(ids);
  });

  it('begins them with the time', () => {
    const at = Number.parseInt(newId().replaceAll('-', '').slice(0, 12), 16);
    expect(Math.abs(Date.now() - at)).toBeLessThan(60_000);
  });
});
