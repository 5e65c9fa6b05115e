import { TransportError } from '@heavylift/core';
import { type MsgHdrs, MsgHdrsImpl } from 'nats';
import type { Connection } from './connection.js';
import { Deadline, pause } from './deadline.js';
import { isMissing, isPassing, toTransportError } from './failures.js';
import { reservedBytes } from './message-codec.js';

/** A message for a stream. */
export interface Publication {
  readonly stream: string;
  readonly subject: string;
  readonly body: Uint8Array;
  /** A second one with the same id is dropped, so an unanswered publication can be repeated. */
  readonly id: string;
  readonly headers?: MsgHdrs;
}

const inAllMs = 10_000;
/** Short, as a cluster that elects a leader answers nothing that it got before; then the repetition is answered. */
const answerMs = 1_000;
const retryMs = 100;

/**
 * Resolves once the stream has stored the message; repeats within 10 s, a reconnect included, or until `signal` aborts.
 * @throws {TransportError} when it was refused, or not confirmed in time
 */
export async function publish(
  connection: Connection,
  publication: Publication,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = new Deadline(inAllMs);
  for (;;) {
    try {
      return await publishOnce(connection, publication, deadline);
    } catch (error) {
      if (!isPassing(error) || deadline.leftMs < retryMs || signal?.aborted)
        throw toTransportError(error, `publish to ${publication.subject}`);
      // Nobody captures the subject: the stream was deleted.
      await (isMissing(error) ? connection.repair(signal) : pause(retryMs, signal));
    }
  }
}

/** @throws {TransportError} `broker.refused` when the server would not take, or could not dead-letter, a message of this size */
export function assertFits(publication: Publication, maxPayload: number): void {
  const headerBytes = publication.headers instanceof MsgHdrsImpl ? publication.headers.encode().length : 0;
  const bytes = publication.body.length + headerBytes;
  if (bytes + reservedBytes <= maxPayload) return;
  throw new TransportError(
    'broker.refused',
    `a message of ${bytes} bytes for ${publication.subject} is too large for this NATS server (max_payload ${maxPayload}, ` +
      `${reservedBytes} of it kept free); raise max_payload, or send a reference instead of the data`,
  );
}

async function publishOnce(
  connection: Connection,
  publication: Publication,
  deadline: Deadline,
): Promise<void> {
  const { js } = await connection.session(deadline.leftMs);
  const sent = js.publish(publication.subject, publication.body, {
    msgID: publication.id,
    expect: { streamName: publication.stream },
    timeout: Math.max(1, Math.min(answerMs, deadline.leftMs)),
    ...(publication.headers ? { headers: publication.headers } : {}),
  });
  await connection.untilDropped(sent);
}
