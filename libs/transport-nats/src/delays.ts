import type { Msg } from 'nats';
import { acknowledge, putOff } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { headOf } from './head.js';
import { decodeJob, decodeNotBefore } from './message-codec.js';
import type { Outbound } from './outbound.js';

/** Moves a job that has waited long enough to its queue, under the same id, so that a second mover changes nothing; puts off the rest. */
export async function moveWhenDue(connection: Connection, outbound: Outbound, raw: Msg): Promise<void> {
  const stored = { subject: raw.subject, data: raw.data, head: headOf(raw) };
  const restMs = decodeNotBefore(stored) - Date.now();
  if (restMs > 0) return putOff(connection, raw, restMs);
  await outbound.put(decodeJob(stored));
  await acknowledge(connection, raw);
}
