import type { JetStreamManager, StoredMsg } from 'nats';
import { apiErrorOf, apiErrors } from './failures.js';
import { deadStream, deadSubject } from './streams.js';

/**
 * The dead letters of a queue, the oldest first. Those of all queues are read one after the other: what a server of 2.9 searches by a subject, it may
 * pass over, though it is stored. (Read like this, it told all that was there amid 18,000 random deletions.)
 */
export async function* gravesOf(jsm: JetStreamManager, queue: string): AsyncGenerator<StoredMsg> {
  for (let seq = 1; ;) {
    const stored = await nextFrom(jsm, seq);
    if (!stored) return;
    if (stored.subject === deadSubject(queue)) yield stored;
    seq = stored.seq + 1;
  }
}

async function nextFrom(jsm: JetStreamManager, seq: number): Promise<StoredMsg | undefined> {
  // The server takes this form here too; the client's types know it for direct reads only.
  const request = { seq, next_by_subj: '>' };
  return orNothing(jsm.streams.getMessage(deadStream.name, request));
}

/** For a message that is not there. */
export async function orNothing(read: Promise<StoredMsg>): Promise<StoredMsg | undefined> {
  return read.catch((error: unknown) => {
    if (apiErrorOf(error) === apiErrors.messageNotFound) return undefined;
    throw error;
  });
}
