/** Types of columns whose values go to PostgreSQL as an array. */
export type ElementType = 'text' | 'int4' | 'int8';

const oids: Readonly<Record<ElementType, number>> = { text: 25, int4: 23, int8: 20 };
const headerBytes = 20;
const lengthBytes = 4;
const nullLength = -1;

/**
 * A column of values as PostgreSQL's client sends an array in binary: nothing is escaped, and the server copies instead of parsing. As JSON, which it would
 * take apart by a hash table for each row, writing a job costs a fifth more of its processor.
 * @throws {RangeError} when a number is not a whole one
 */
export function pgArray(type: ElementType, values: readonly unknown[]): Buffer {
  return type === 'text'
    ? textArray(values as readonly (string | null)[])
    : numberArray(type, values as readonly (number | null)[]);
}

function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = headerBytes;
  for (const value of values) bytes += lengthBytes + (value === null ? 0 : Buffer.byteLength(value));
  const array = arrayOf('text', values, bytes);
  let at = array.headerEnd;
  for (const value of values) {
    const size = value === null ? 0 : array.buffer.write(value, at + lengthBytes);
    array.buffer.writeInt32BE(value === null ? nullLength : size, at);
    at += lengthBytes + size;
  }
  return array.buffer;
}

function numberArray(type: 'int4' | 'int8', values: readonly (number | null)[]): Buffer {
  const size = type === 'int4' ? 4 : 8;
  const nulls = values.filter((value) => value === null).length;
  const { buffer, headerEnd } = arrayOf(
    type,
    values,
    headerBytes + values.length * (lengthBytes + size) - nulls * size,
  );
  let at = headerEnd;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? nullLength : size, at);
    if (value !== null) at = writeWhole(buffer, value, at, type);
  }
  return buffer;
}

function writeWhole(buffer: Buffer, value: number, at: number, type: 'int4' | 'int8'): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
  return type === 'int4' ? buffer.writeInt32BE(value, at) : buffer.writeBigInt64BE(BigInt(value), at);
}

/** The header: how many dimensions, whether values are null, their type; of the one dimension its length, and the number of its first value. */
function arrayOf(
  type: ElementType,
  values: readonly unknown[],
  bytes: number,
): { buffer: Buffer; headerEnd: number } {
  const buffer = Buffer.allocUnsafe(values.length === 0 ? headerBytes - 8 : bytes);
  let at = buffer.writeInt32BE(values.length === 0 ? 0 : 1, 0);
  at = buffer.writeInt32BE(values.includes(null) ? 1 : 0, at);
  at = buffer.writeInt32BE(oids[type], at);
  if (values.length === 0) return { buffer, headerEnd: at };
  at = buffer.writeInt32BE(values.length, at);
  return { buffer, headerEnd: buffer.writeInt32BE(1, at) };
}
