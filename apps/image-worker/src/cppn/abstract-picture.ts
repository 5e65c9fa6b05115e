import { bell } from './curves.ts';
import { Network } from './network.ts';
import { Palette } from './palette.ts';
import { SeededRandom } from './seeded-random.ts';
import { type Point, type Symmetry, symmetryOf } from './symmetry.ts';

export interface AbstractPictureOptions {
  readonly prompt: string;
  /** A whole number. */
  readonly seed: number;
  /** In pixels, as is the height. */
  readonly width: number;
  readonly height: number;
}

const inputCount = 5;
/** How many points on a side are looked at to learn what the network answers. */
const probes = 40;
/** An output that hardly changes is left in peace: stretched, it would be noise. */
const leastSpan = 0.2;

/**
 * A picture by a compositional pattern-producing network: a small network of random weights is asked for the colour of every point. The prompt and the seed
 * choose the weights and nothing else, so the picture is abstract: it does not show what the prompt says. The same options make the same pixels on every machine.
 */
export class AbstractPicture {
  readonly #width: number;
  readonly #height: number;
  readonly #symmetry: Symmetry;
  readonly #zoom: number;
  readonly #slope: Point;
  readonly #network: Network;
  readonly #palette: Palette;
  readonly #tones: Levels;
  readonly #accents: Levels;

  constructor({ prompt, seed, width, height }: AbstractPictureOptions) {
    const random = new SeededRandom(`${seed}\n${prompt}`);
    this.#width = width;
    this.#height = height;
    this.#symmetry = symmetryOf(random);
    this.#zoom = random.between(0.9, 2);
    this.#slope = [random.between(-0.5, 0.5), random.between(-0.5, 0.5)];
    this.#network = new Network(inputCount, 2, random);
    this.#palette = new Palette(random);
    const [tones, accents] = this.#probe();
    this.#tones = levelsOf(tones, 0.5);
    this.#accents = levelsOf(accents, random.pick([0.2, 0.35, 0.65, 0.8]));
  }

  /** Rows of pixels from `first` on, red, green and blue for each. */
  rows(first: number, count: number): Uint8Array {
    const pixels = new Uint8Array(count * this.#width * 3);
    for (let row = 0; row < count; row += 1) {
      const points = Array.from({ length: this.#width }, (_, x) => this.#pointAt(x + 0.5, first + row + 0.5));
      this.#paint(points, pixels.subarray(row * this.#width * 3));
    }
    return pixels;
  }

  #paint(points: readonly Point[], pixels: Uint8Array): void {
    const [tones, accents] = this.#ask(points);
    for (let i = 0; i < points.length; i += 1)
      this.#palette.paint(pixels, i * 3, {
        place: 0.5 + 0.5 * distance(tones[i]!, this.#tones),
        // A line where the second output comes to its level.
        accent: 0.9 * bell(9 * distance(accents[i]!, this.#accents)),
      });
  }

  /** Tones and accents over the whole picture: it is to use its palette from dark to light, and its accent sparingly. */
  #probe(): readonly [Float64Array, Float64Array] {
    const points = Array.from({ length: probes * probes }, (_, i) => {
      const [column, row] = [i % probes, Math.floor(i / probes)];
      return this.#pointAt(((column + 0.5) / probes) * this.#width, ((row + 0.5) / probes) * this.#height);
    });
    return this.#ask(points);
  }

  #ask(points: readonly Point[]): readonly [tones: Float64Array, accents: Float64Array] {
    const inputs = Array.from({ length: inputCount }, () => new Float64Array(points.length));
    for (const [at, point] of points.entries())
      for (const [input, value] of this.#inputsOf(point).entries()) inputs[input]![at] = value;
    const [tones, accents] = this.#network.evaluate(inputs);
    return [tones!, accents!];
  }

  #inputsOf(point: Point): readonly number[] {
    const [x, y] = this.#symmetry(point);
    const radius = Math.sqrt(point[0] * point[0] + point[1] * point[1]);
    return [x, y, radius, bell(2 * radius), x * this.#slope[0] + y * this.#slope[1]];
  }

  /** The middle of the picture is 0, the shorter side goes from -zoom to zoom. */
  #pointAt(x: number, y: number): Point {
    const scale = (2 * this.#zoom) / Math.min(this.#width, this.#height);
    return [(x - this.#width / 2) * scale, (y - this.#height / 2) * scale];
  }
}

/** What an output is over the picture: nearly its least, one in between, nearly its most. */
interface Levels {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

function levelsOf(values: Float64Array, share: number): Levels {
  const sorted = values.toSorted();
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))]!;
  return { low: at(0.02), middle: at(share), high: at(0.98) };
}

/** How far a value is from the middle: -1 at the low level, 1 at the high one. */
function distance(value: number, { low, middle, high }: Levels): number {
  const span = value < middle ? middle - low : high - middle;
  return (value - middle) / Math.max(span, leastSpan);
}
