import type { SeededRandom } from './seeded-random.ts';

export type Point = readonly [x: number, y: number];

/** Takes a point to where the network is asked for it; points that come to the same place get the same colour. */
export type Symmetry = (point: Point) => Point;

const none: Symmetry = (point) => point;
const mirrored: Symmetry = ([x, y]) => [Math.abs(x), y];
const quartered: Symmetry = ([x, y]) => [Math.abs(x), Math.abs(y)];

/** As often none as one mirror, as a star or flower. */
export function symmetryOf(random: SeededRandom): Symmetry {
  const petals = random.pick([3, 4, 5, 6, 8]);
  return random.pick([none, none, none, mirrored, mirrored, quartered, star(petals), star(petals)]);
}

/** Every point at the same radius is seen `petals` times around. Its angle is multiplied as complex numbers are, without an arc tangent. */
function star(petals: number): Symmetry {
  return ([x, y]) => {
    const radius = Math.sqrt(x * x + y * y);
    if (radius === 0) return [0, 0];
    let [across, along] = [x, y];
    for (let i = 1; i < petals; i += 1)
      [across, along] = [(across * x - along * y) / radius, (across * y + along * x) / radius];
    return [across, Math.abs(along)];
  };
}
