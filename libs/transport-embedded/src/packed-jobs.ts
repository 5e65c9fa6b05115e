import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type JobMessage, sendingId } from '@heavylift/core';

/** A job that is in a queue, or was taken from it and is not settled. */
export interface Held {
  readonly message: JobMessage;
  /** Its `sendingId`, made once. */
  readonly sending: string;
}

interface Contents {
  /** The messages, with the length of the body in the place of each body. */
  readonly heads: readonly (Omit<JobMessage, 'body'> & { readonly body: number })[];
  readonly bodies: Uint8Array;
}

/** Jobs of one queue are much alike: the fastest level makes a twentieth of them. */
const level = 1;

export function pack(jobs: readonly Held[]): Uint8Array {
  const heads = jobs.map(({ message }) => ({ ...message, body: message.body.byteLength }));
  const contents: Contents = { heads, bodies: Buffer.concat(jobs.map(({ message }) => message.body)) };
  // What zlib answers with may lie in a larger buffer.
  return new Uint8Array(deflateRawSync(serialize(contents), { level }));
}

export function unpack(block: Uint8Array): readonly Held[] {
  const { heads, bodies } = deserialize(inflateRawSync(block)) as Contents;
  let end = 0;
  return heads.map((head) => {
    // A copy: one message that stays, as a dead letter, would else keep the bytes of the whole block.
    const message = { ...head, body: new Uint8Array(bodies.subarray(end, (end += head.body))) };
    return { message, sending: sendingId(message) };
  });
}
