import type { DeadLetter } from '@heavylift/core';
import type { JetStreamManager, Msg, StoredMsg } from 'nats';
import { acknowledge } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { apiErrorOf, apiErrors } from './failures.js';
import { gravesOf, orNothing } from './graves.js';
import { headFrom } from './head.js';
import { decodeDead, decodeJob, type Stored } from './message-codec.js';
import type { Outbound } from './outbound.js';
import type { Queues } from './queues.js';
import { deadStream, jobsStream } from './streams.js';

const removedAtOnce = 100;

export async function oldestDeadLetters(
  jsm: JetStreamManager,
  queue: string,
  limit: number,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  if (limit <= 0) return letters;
  for await (const stored of gravesOf(jsm, queue))
    if (letters.push(decodeDead(storedOf(stored), stored.timestamp)) >= limit) break;
  return letters;
}

/** All are found before the first is removed, so that nothing is removed under the eyes of who looks. */
export async function discard(
  jsm: JetStreamManager,
  queue: string,
  upTo: ReadonlyMap<string, number>,
): Promise<number> {
  if (upTo.size === 0) return 0;
  const found: number[] = [];
  for await (const stored of gravesOf(jsm, queue)) {
    const { id, attempt } = decodeJob(storedOf(stored));
    if (attempt <= (upTo.get(id) ?? 0)) found.push(stored.seq);
  }
  for (let from = 0; from < found.length; from += removedAtOnce)
    await Promise.all(
      found.slice(from, from + removedAtOnce).map((seq) => remove(jsm, deadStream.name, seq)),
    );
  return found.length;
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
  return { subject: stored.subject, data: stored.data, head: headFrom(stored.header), seq: stored.seq };
}
