import { sine } from './curves.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A colour in Oklab, in which what lies half way between two colours also looks so: lightness, green to red, blue to yellow. */
type Lab = readonly [lightness: number, a: number, b: number];

const fullTurn = 6.283185307179586;
const midnight = 0.77;

/** Hues, in turns from the first, that go together; from dark to light. */
const schemes: readonly [readonly number[], ...(readonly number[])[]] = [
  [0, 0.05, 0.12, 0.18],
  [0, 0.07, 0.5, 0.57],
  [0, 0.1, 0.36, 0.45],
  [0, -0.07, 0.44, 0.52],
  [0, -0.05, -0.1, 0.4],
];
const lightness = [0.2, 0.42, 0.6, 0.79, 0.95] as const;
const chroma = [0.055, 0.13, 0.155, 0.125, 0.04] as const;

/** Five colours from dark to light that suit each other, all that lies between them, and one that stands out. */
export class Palette {
  readonly #stops: readonly Lab[];
  readonly #accent: Lab;

  constructor(random: SeededRandom) {
    const first = random.next();
    // Shadows are bluish whatever the rest is: a dark yellow looks like mud.
    const hues = [midnight + random.between(-0.12, 0.12), ...random.pick(schemes).map((hue) => first + hue)];
    const strength = random.between(0.75, 1.15);
    this.#stops = lightness.map((light, at) => labOf(light, chroma[at]! * strength, hues[at]!));
    this.#accent = labOf(0.74, 0.16, first + random.between(0.4, 0.6));
  }

  /**
   * Writes red, green and blue (0 to 255) into `pixels` from `at` on. `place` on the palette goes from 0, dark, to 1, light;
   * `accent`, from 0 to 1, is the share of the colour that stands out.
   */
  paint(pixels: Uint8Array, at: number, { place, accent }: { place: number; accent: number }): void {
    const last = this.#stops.length - 1;
    const spot = Math.min(Math.max(place, 0), 1) * last;
    const stop = Math.min(Math.floor(spot), last - 1);
    const share = spot - stop;
    const ground = mix(this.#stops[stop]!, this.#stops[stop + 1]!, share * share * (3 - 2 * share));
    writeRgb(pixels, at, mix(ground, this.#accent, accent));
  }
}

function labOf(light: number, strength: number, hue: number): Lab {
  const angle = hue * fullTurn;
  return [light, strength * sine(angle + fullTurn / 4), strength * sine(angle)];
}

function mix(from: Lab, to: Lab, share: number): Lab {
  return [
    from[0] + (to[0] - from[0]) * share,
    from[1] + (to[1] - from[1]) * share,
    from[2] + (to[2] - from[2]) * share,
  ];
}

/** Oklab to sRGB; the numbers are those of its author, Björn Ottosson. */
function writeRgb(pixels: Uint8Array, at: number, [light, a, b]: Lab): void {
  const long = cube(light + 0.3963377774 * a + 0.2158037573 * b);
  const medium = cube(light - 0.1055613458 * a - 0.0638541728 * b);
  const short = cube(light - 0.0894841775 * a - 1.291485548 * b);
  pixels[at] = toByte(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  pixels[at + 1] = toByte(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  pixels[at + 2] = toByte(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
}

function cube(value: number): number {
  return value * value * value;
}

/** sRGB's curve out of square roots, which are exact on every machine; `Math.pow` is not. */
function toByte(linear: number): number {
  const value = Math.min(Math.max(linear, 0), 1);
  if (value < 0.0031308) return Math.round(value * 12.92 * 255);
  const root = Math.sqrt(value);
  const fourth = Math.sqrt(root);
  const eighth = Math.sqrt(fourth);
  const curved = 0.662002687 * root + 0.68412206 * fourth - 0.323583601 * eighth - 0.022541147 * value;
  return Math.round(Math.min(curved, 1) * 255);
}
