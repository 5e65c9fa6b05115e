import type { Transport } from '@heavylift/core';
import type { EmbeddedHub } from '@heavylift/transport-embedded';

/** The embedded broker of this process, made when it is first asked for. */
let hub: EmbeddedHub | undefined;

/**
 * Turns `BROKER_URL` into a transport; the only file that knows them all. The broker's client is loaded when it is needed.
 * @param clientName names the process in the broker, like `gateway@host-1:4711`
 */
export async function createTransport(
  url: string,
  clientName: string,
  options: { readonly leaseRenewMs?: number } = {},
): Promise<Transport> {
  switch (new URL(url.split(',')[0]!).protocol) {
    case 'amqp:':
    case 'amqps:':
      return (await import('@heavylift/transport-rabbitmq')).createRabbitmqTransport({
        url,
        clientName,
        ...options,
      });
    case 'nats:':
    case 'tls:':
      return (await import('@heavylift/transport-nats')).createNatsTransport({ url, clientName });
    default: {
      const embedded = await import('@heavylift/transport-embedded');
      hub ??= new embedded.EmbeddedHub();
      return new embedded.EmbeddedTransport(hub);
    }
  }
}
