import { open } from 'node:fs/promises';

/** What is looked at: the kind of file, and behind it how the index begins. */
const headBytes = 256;

/**
 * How many seconds an MP4 says that it lasts, when its index is at the front, as `faststart` leaves it; 0 for any other file. The index is
 * written last, so a file that has it there was finished.
 */
export async function mp4Seconds(path: string): Promise<number> {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(headBytes);
  await file.read(head, 0, headBytes, 0);
  // Each box begins with its length and its name; that of the whole movie opens the index.
  const index = head.readUInt32BE(0);
  const movie = index + 8;
  if (movie + 40 > headBytes || nameAt(head, index) !== 'moov' || nameAt(head, movie) !== 'mvhd') return 0;
  const long = head.readUInt8(movie + 8) === 1;
  const timescale = head.readUInt32BE(movie + (long ? 28 : 20));
  const duration = long ? Number(head.readBigUInt64BE(movie + 32)) : head.readUInt32BE(movie + 24);
  return timescale === 0 ? 0 : duration / timescale;
}

function nameAt(head: Buffer, box: number): string {
  return head.toString('latin1', box + 4, box + 8);
}
