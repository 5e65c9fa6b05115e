import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay between one client and its broker that can be cut, to test what a broker does when a process is gone. */
export interface CuttableProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends both sides of every connection without goodbye, and takes no new ones. Idempotent. */
  cut(): Promise<void>;
}

/** Opens a relay to a port of 127.0.0.1. Whoever opens it cuts it at the end. */
export async function openCuttableProxy(brokerPort: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => relay(client, connect(brokerPort, '127.0.0.1'), sockets));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, cut: () => cut(server, sockets) };
}

function relay(client: Socket, broker: Socket, sockets: Set<Socket>): void {
  for (const [near, far] of [[client, broker] as const, [broker, client] as const]) {
    sockets.add(near);
    near.setNoDelay(true);
    near.pipe(far);
    // a reset is what a cut looks like; `close` follows it and ends the other side
    near.on('error', () => far.destroy());
    near.on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
  }
}

async function cut(server: Server, sockets: Set<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
}
