import { pause, TransportError } from '@heavylift/core';
import { type ApiError, ErrorCode, type Msg, NatsError } from 'nats';
import type { Connection, Session } from './connection.js';
import { Deadline } from './deadline.js';
import { isMissing, isPassing, toTransportError } from './failures.js';
import { reservedBytes } from './message-codec.js';

/** A message for a stream. */
export interface Publication {
  readonly stream: string;
  readonly subject: string;
  readonly body: Uint8Array;
  /** A second one with the same id is dropped, so an unanswered publication can be repeated. */
  readonly id: string;
  /** Headers besides, `name: value` each, in ASCII, ended by CR LF. */
  readonly head?: string;
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
      const session = connection.ready ?? (await connection.session(deadline.leftMs));
      return await store(session, publication, Math.max(1, Math.min(answerMs, deadline.leftMs)));
    } catch (error) {
      if (!isPassing(error) || deadline.leftMs < retryMs || signal?.aborted)
        throw toTransportError(error, `publish to ${publication.subject}`);
      // Nobody captures the subject: the stream was deleted.
      await (isMissing(error) ? connection.repair(signal) : pause(retryMs, signal));
    }
  }
}

/** @throws {TransportError} `broker.refused` when the server would not take, or could not dead-letter, a message of this size */
export function assertFits({ subject, body, head = '' }: Publication, maxPayload: number): void {
  const bytes = body.length + head.length;
  if (bytes + reservedBytes <= maxPayload) return;
  throw new TransportError(
    'broker.refused',
    `a message of ${bytes} bytes for ${subject} is too large for this NATS server (max_payload ${maxPayload}, ` +
      `${reservedBytes} of it kept free); raise max_payload, or send a reference instead of the data`,
  );
}

async function store(session: Session, publication: Publication, timeoutMs: number): Promise<void> {
  const { subject, body } = publication;
  assertStored(await session.answers.ask({ subject, data: body, lines: linesOf(publication), timeoutMs }));
}

/** Ours come first: a server of 2.9 takes the first place where it reads such a name, be it in the value of another header. */
function linesOf({ id, stream, head = '' }: Publication): string {
  if (/[\r\n]/.test(id)) throw new NatsError('an id has no line ends', ErrorCode.BadHeader);
  return `Nats-Msg-Id: ${id.trim()}\r\nNats-Expected-Stream: ${stream}\r\n${head}`;
}

/** @throws {NatsError} as the client itself does when the stream refuses */
function assertStored(answer: Msg): void {
  const { error, stream } = answer.json<{ readonly error?: ApiError; readonly stream?: string }>();
  if (error) throw Object.assign(new NatsError(error.description, String(error.code)), { api_error: error });
  if (!stream) throw new NatsError('no confirmation', ErrorCode.JetStreamInvalidAck);
}
