import { describe, expect, it } from '@jest/globals';
import type { VariantTask } from './image-task.js';
import { refuseOversized, resultSize } from './picture-size.js';

const source = { width: 400, height: 200 };

function variant(fields: Partial<VariantTask>): VariantTask {
  return { name: 'v', fit: 'inside', format: 'webp', path: '/nowhere', ...fields };
}

describe('the size of a variant', () => {
  it.each<[Partial<VariantTask>, string]>([
    [{}, '400x200'],
    [{ width: 100 }, '100x50'],
    [{ height: 100 }, '200x100'],
    [{ width: 100, height: 100 }, '100x50'],
    [{ width: 800 }, '400x200'],
    [{ width: 800, height: 10 }, '20x10'],
    [{ fit: 'cover', width: 100, height: 100 }, '100x100'],
    [{ fit: 'contain', width: 100, height: 100 }, '100x100'],
    [{ fit: 'fill', width: 100, height: 100 }, '100x100'],
    [{ fit: 'fill', width: 100 }, '100x50'],
    [{ fit: 'cover', height: 400 }, '800x400'],
    [{ fit: 'outside', width: 100, height: 100 }, '200x100'],
    [{ width: 1, height: 1 }, '1x1'],
  ])('of 400x200 as %j is %s', (fields, expected) => {
    const { width, height } = resultSize(source, variant(fields));
    expect(`${width}x${height}`).toBe(expected);
  });

  it('refuses gigapixels that a thin source would grow into', () => {
    const grow = (): void =>
      refuseOversized(
        { width: 10, height: 10_000 },
        variant({ fit: 'outside', width: 8_192, height: 8_192 }),
      );
    expect(grow).toThrow(expect.objectContaining({ code: 'variant.too_large', permanent: true }));
  });

  it('refuses what the format cannot hold, and takes what another can', () => {
    const panorama = { width: 17_000, height: 500 };
    expect(() => refuseOversized(panorama, variant({ name: 'wide' }))).toThrow(
      /variant "wide" would be 17000x500 .* 16383/,
    );
    expect(() => refuseOversized(panorama, variant({ format: 'jpeg' }))).not.toThrow();
  });
});
