import type { Transport } from '@heavylift/core';
import { NatsTransport, type NatsTransportOptions } from './nats-transport.js';
import { processWarnings } from './warnings.js';

export type { NatsTransportOptions };

/**
 * A transport on NATS JetStream, not connected yet.
 * @throws {TransportError} `broker.refused` when the address cannot be read
 */
export function createNatsTransport(options: NatsTransportOptions): Transport {
  return new NatsTransport({ ...options, warn: options.warn ?? processWarnings(options.clientName) });
}
