/** So that the JSON of all of them has 250 bytes. */
const text = 'x'.repeat(212);

/** Milliseconds since 1970 with their fractions: comparable between processes of one machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** 250 bytes of JSON, with the moment in it. */
export function payloadOf(sentAt = now()): { readonly sentAt: number; readonly text: string } {
  return { sentAt, text };
}
