import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web server on one address of this machine. It counts those who came. */
export class Site {
  readonly origin: string;
  connections = 0;
  readonly #server: Server;

  private constructor(server: Server, host: string) {
    this.#server = server;
    this.origin = `http://${host}:${(server.address() as AddressInfo).port}`;
    server.on('connection', () => (this.connections += 1));
  }

  static async open(answer: RequestListener, host = '127.0.0.1'): Promise<Site> {
    const server = createServer(answer);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
    return new Site(server, host);
  }

  get port(): string {
    return new URL(this.origin).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Writes as long as somebody reads. */
export function sendForever(response: NodeJS.WritableStream): void {
  const chunk = Buffer.alloc(64 * 1024);
  const send = (): void => {
    while (response.writable) if (!response.write(chunk)) return void response.once('drain', send);
  };
  response.on('error', () => response.end());
  send();
}
