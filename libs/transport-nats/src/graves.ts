import { TransportError } from '@heavylift/core';
import { AckPolicy, DeliverPolicy, type JetStreamManager, type Msg, nanos } from 'nats';
import { handOverOf } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { unlessMissing } from './failures.js';
import { decodeJob } from './message-codec.js';
import { failureOf, Pull } from './pull.js';
import { deadStream, deadSubject } from './streams.js';

/** Where a dead letter lies. */
export interface Grave {
  readonly seq: number;
  readonly jobId: string;
  readonly attempt: number;
}

const batch = 200;
const forgottenAfterMs = 30_000;

/**
 * Where the dead letters of a queue lie, the oldest first. Their headers are read one after the other, those of other queues as well: nothing is searched
 * by its subject, where a server of 2.9 may pass over what is stored. (Read like this, it told all that was there amid 18,000 random deletions.)
 */
export async function* gravesOf(connection: Connection, queue: string): AsyncGenerator<Grave> {
  const { jsm } = await connection.session(0);
  const reader = await newReader(jsm);
  try {
    for (;;) {
      const read = await pull(connection, reader);
      if (read.length === 0) return;
      for (const message of read) if (message.subject === deadSubject(queue)) yield graveOf(message);
    }
  } finally {
    await jsm.consumers.delete(deadStream.name, reader).catch(unlessMissing);
  }
}

/** Belongs to this look alone, and to the memory of one server; which forgets it by itself when its client dies. */
async function newReader(jsm: JetStreamManager): Promise<string> {
  const { name } = await jsm.consumers.add(deadStream.name, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    headers_only: true,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(forgottenAfterMs),
  });
  return name;
}

async function pull(connection: Connection, durable: string): Promise<readonly Msg[]> {
  const read: Msg[] = [];
  const request = { stream: deadStream.name, durable, batch, waitMs: 0 };
  const end = await new Pull(connection, request, (message) => read.push(message)).ended;
  const failure = end === 'dropped' ? dropped() : failureOf(end);
  if (failure) throw failure;
  return read;
}

function graveOf(raw: Msg): Grave {
  const { seq } = handOverOf(raw);
  const { id, attempt } = decodeJob({ subject: raw.subject, data: raw.data, headers: raw.headers, seq });
  return { seq, jobId: id, attempt };
}

function dropped(): TransportError {
  return new TransportError('broker.unreachable', 'the connection to NATS was lost');
}
