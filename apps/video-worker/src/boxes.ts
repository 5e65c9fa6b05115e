/** The boxes of an MP4 that lie in these bytes one behind the other. What is broken, or longer than 4 GiB, ends them. */
export function* boxesIn(bytes: Buffer): Generator<{ readonly name: string; readonly body: Buffer }> {
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + bytes.readUInt32BE(at);
    if (end < at + 8 || end > bytes.length) return;
    yield { name: nameAt(bytes, at + 4), body: bytes.subarray(at + 8, end) };
    at = end;
  }
}

/** The first box of that name; no bytes when there is none. */
export function boxIn(bytes: Buffer, name: string, ...deeper: readonly string[]): Buffer {
  const [next, ...rest] = deeper;
  for (const box of boxesIn(bytes))
    if (box.name === name) return next === undefined ? box.body : boxIn(box.body, next, ...rest);
  return nothing;
}

const nothing = Buffer.alloc(0);

/** Four letters. */
export function nameAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}

/** A number of 2, 4 or 8 bytes; 0 behind the end. */
export function numberAt(bytes: Buffer, at: number, length: 2 | 4 | 8 = 4): number {
  if (at + length > bytes.length) return 0;
  return length === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, length);
}
