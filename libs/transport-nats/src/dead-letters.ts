import { type DeadLetter, nextAttempt } from '@heavylift/core';
import type { JetStreamManager, Msg, StoredMsg } from 'nats';
import { acknowledge } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { apiErrorOf, apiErrors } from './failures.js';
import { decodeDead, decodeJob, type Stored } from './message-codec.js';
import type { Outbound } from './outbound.js';
import type { Queues } from './queues.js';
import { deadStream, deadSubject, jobsStream } from './streams.js';

interface Grave {
  readonly seq: number;
  readonly letter: DeadLetter;
}

export async function oldestDeadLetters(
  jsm: JetStreamManager,
  queue: string,
  limit: number,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  if (limit <= 0) return letters;
  for await (const { letter } of graves(jsm, queue)) {
    letters.push(letter);
    if (letters.length >= limit) break;
  }
  return letters;
}

/** Puts each chosen job on its queue before it is taken from the dead ones: a crash in between leaves it in both, under one id. */
export async function redrive(
  jsm: JetStreamManager,
  outbound: Outbound,
  queue: string,
  ids: readonly string[],
): Promise<number> {
  const missing = new Set(ids);
  if (missing.size === 0) return 0;
  for await (const { seq, letter } of graves(jsm, queue)) {
    if (!missing.delete(letter.message.id)) continue;
    await outbound.put(nextAttempt(letter.message));
    await remove(jsm, deadStream.name, seq);
    if (missing.size === 0) break;
  }
  return new Set(ids).size - missing.size;
}

interface MaxDeliveriesAdvisory {
  readonly stream_seq: number;
  readonly deliveries: number;
}

export interface SweepContext {
  readonly connection: Connection;
  readonly outbound: Outbound;
  readonly queues: Queues;
  /** Hears of the dead letter. */
  readonly told: (letter: DeadLetter) => Promise<void>;
}

/** Dead-letters a job that the server gave up on, and tells. Each step may be repeated. */
export async function sweep(context: SweepContext, advisory: Msg): Promise<void> {
  const { connection, outbound, queues, told } = context;
  const { jsm } = await connection.session(0);
  const { stream_seq: seq, deliveries } = advisory.json<MaxDeliveriesAdvisory>();
  const stored = await orNothing(jsm.streams.getMessage(jobsStream.name, { seq }));
  if (stored) {
    const found = decodeJob(storedOf(stored));
    const message = { ...found, suspected: found.suspected + deliveries };
    const detail = `handed on ${deliveries} times, and never settled`;
    const letter = { message, reason: 'worker.lost', detail, at: new Date().toISOString() };
    await outbound.bury(message, await queues.deadLettersOf(message.queue), letter);
    await told(letter);
    await remove(jsm, jobsStream.name, seq);
  }
  await acknowledge(connection, advisory);
}

async function* graves(jsm: JetStreamManager, queue: string): AsyncGenerator<Grave> {
  let seq = 1;
  for (;;) {
    const stored = await nextAt(jsm, deadSubject(queue), seq);
    if (!stored) return;
    yield { seq: stored.seq, letter: decodeDead(storedOf(stored), stored.timestamp) };
    seq = stored.seq + 1;
  }
}

function nextAt(jsm: JetStreamManager, subject: string, seq: number): Promise<StoredMsg | undefined> {
  // The server takes this form here too; the client's types know it for direct reads only.
  const request = { seq, next_by_subj: subject };
  return orNothing(jsm.streams.getMessage(deadStream.name, request));
}

async function orNothing(read: Promise<StoredMsg>): Promise<StoredMsg | undefined> {
  return read.catch((error: unknown) => {
    if (apiErrorOf(error) === apiErrors.messageNotFound) return undefined;
    throw error;
  });
}

/** Gone already is as good. */
async function remove(jsm: JetStreamManager, stream: string, seq: number): Promise<void> {
  const gone: (number | undefined)[] = [
    apiErrors.sequenceNotFound,
    apiErrors.storeEof,
    apiErrors.messageNotFound,
  ];
  await jsm.streams.deleteMessage(stream, seq, false).catch((error: unknown) => {
    if (!gone.includes(apiErrorOf(error))) throw error;
  });
}

function storedOf(stored: StoredMsg): Stored {
  return { subject: stored.subject, data: stored.data, headers: stored.header, seq: stored.seq };
}
