import { bell, sine, squash } from './curves.ts';
import type { SeededRandom } from './seeded-random.ts';

type Curve = 'sine' | 'bell' | 'squash' | 'straight';

interface Neuron {
  readonly weights: readonly number[];
  readonly bias: number;
  readonly curve: Curve;
}

const hiddenLayers = 4;
const neuronsPerLayer = 12;
/** Sine makes waves, the bell spots, the squash edges. */
const hiddenCurves = ['sine', 'sine', 'bell', 'squash', 'squash'] as const;

/** A network of random weights. It is asked for many points at once, neuron by neuron: the inner loops are then plain sums over arrays. */
export class Network {
  readonly #layers: readonly (readonly Neuron[])[];

  constructor(inputs: number, outputs: number, random: SeededRandom) {
    const hidden = Array.from({ length: hiddenLayers }, (_, layer) =>
      Array.from({ length: neuronsPerLayer }, () =>
        neuron(layer === 0 ? inputs : neuronsPerLayer, random.pick(hiddenCurves), random),
      ),
    );
    const last = Array.from({ length: outputs }, () => neuron(neuronsPerLayer, 'straight', random));
    this.#layers = [...hidden, last];
  }

  /** The outputs, which have no bounds. `inputs` holds an array for each input, with a value for each point. */
  evaluate(inputs: readonly Float64Array[]): readonly Float64Array[] {
    let values = inputs;
    for (const layer of this.#layers) values = layer.map((one) => answer(one, values));
    return values;
  }
}

function neuron(inputs: number, curve: Curve, random: SeededRandom): Neuron {
  // With less the pictures are empty, with more they are noise.
  const gain = 2.2 / Math.sqrt(inputs);
  const weights = Array.from({ length: inputs }, () => random.normal() * gain);
  return { weights, bias: random.normal() * 0.5, curve };
}

function answer({ weights, bias, curve }: Neuron, inputs: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(inputs[0]?.length ?? 0).fill(bias);
  for (const [at, input] of inputs.entries()) addScaled(sums, input, weights[at] ?? 0);
  bend(sums, curve);
  return sums;
}

function addScaled(sums: Float64Array, values: Float64Array, weight: number): void {
  for (let i = 0; i < sums.length; i += 1) sums[i]! += weight * values[i]!;
}

/** A loop for each curve: one loop that is given the curve takes three times as long. */
function bend(values: Float64Array, curve: Curve): void {
  switch (curve) {
    case 'sine':
      for (let i = 0; i < values.length; i += 1) values[i] = sine(values[i]!);
      return;
    case 'bell':
      for (let i = 0; i < values.length; i += 1) values[i] = bell(values[i]!);
      return;
    case 'squash':
      for (let i = 0; i < values.length; i += 1) values[i] = squash(values[i]!);
      return;
    case 'straight':
  }
}
