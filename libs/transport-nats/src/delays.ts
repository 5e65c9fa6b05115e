import type { Msg } from 'nats';
import { acknowledge, putOff } from './acknowledgement.js';
import type { Connection } from './connection.js';
import { decodeJob, decodeNotBefore } from './message-codec.js';
import type { Outbound } from './outbound.js';

/** Moves a job that has waited long enough to its queue, under the same id, so that a second mover changes nothing; puts off the rest. */
export async function moveWhenDue(connection: Connection, outbound: Outbound, raw: Msg): Promise<void> {
  const restMs = decodeNotBefore(raw) - Date.now();
  if (restMs > 0) return putOff(connection, raw, restMs);
  await outbound.put(decodeJob(raw));
  await acknowledge(connection, raw);
}
