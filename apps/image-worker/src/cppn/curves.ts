// Made of + - * / and rounding alone: those are exact to the last bit on every machine, which `Math.sin`, `Math.exp` and
// `Math.tanh` are not. Near the true curve is enough here; the same everywhere is what counts.

const fullTurn = 6.283185307179586;

/** Sine, to within 0.002, for any angle. */
export function sine(angle: number): number {
  const turns = angle / fullTurn;
  // From -1 to 1 over one turn; a parabola, and a second one that bends it into shape.
  const phase = 2 * (turns - Math.floor(turns + 0.5));
  const rough = 4 * phase * (1 - Math.abs(phase));
  return 0.775 * rough + 0.225 * rough * Math.abs(rough);
}

/** A bell like Gauss's: 1 at 0, next to nothing from 4 on. */
export function bell(value: number): number {
  const flat = 1 + 0.4 * value * value;
  return 1 / (flat * flat);
}

/** From -1 to 1, like the hyperbolic tangent. */
export function squash(value: number): number {
  const square = value * value;
  if (square > 9) return value > 0 ? 1 : -1;
  return (value * (27 + square)) / (27 + 9 * square);
}
