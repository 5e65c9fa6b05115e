import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Transform } from 'node:stream';

/** Which way bytes go: `up` from the process to the broker, `down` back. */
export type Way = 'up' | 'down';

/** The network between one process and its broker: a TCP relay that can be cut, made slow, and made to swallow what goes through it. */
export class ChaosProxy {
  readonly #server: Server;
  readonly #brokerPort: number;
  readonly #open = new Set<Relay>();
  #isCut = false;
  #lagMs = 0;
  #deaf: readonly Way[] = [];

  private constructor(brokerPort: number) {
    this.#brokerPort = brokerPort;
    // Half open allowed: each way ends by itself, as between the two without us.
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** Opens a relay to a port of 127.0.0.1. Whoever opens it closes it. */
  static async open(brokerPort: number): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(brokerPort);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** On 127.0.0.1. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection by a reset, and whoever comes until it is healed. */
  cut(): void {
    this.#isCut = true;
    this.reset();
  }

  /** Each piece takes so much longer, one after another: that makes it slow as well as late. */
  slowDown(lagMs: number): void {
    this.#lagMs = lagMs;
  }

  /** Half-open: bytes that go these ways are lost, and nobody is told, not even of an end. */
  deafen(ways: readonly Way[]): void {
    this.#deaf = ways;
    for (const relay of this.#open) relay.hasHoles = true;
  }

  /** All is as it should be. Connections in which bytes were lost are reset. */
  heal(): void {
    this.#isCut = false;
    this.#lagMs = 0;
    this.#deaf = [];
    for (const relay of this.#open) if (relay.hasHoles) relay.reset();
  }

  /** Ends every connection at once, by a reset on both sides. New ones are taken. */
  reset(): void {
    for (const relay of this.#open) relay.reset();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#isCut) return void client.on('error', ignore).resetAndDestroy();
    const broker = connect({ port: this.#brokerPort, host: '127.0.0.1', allowHalfOpen: true });
    const relay = new Relay(client, broker, (way) => this.#passage(way));
    relay.hasHoles = this.#deaf.length > 0;
    this.#open.add(relay);
    relay.onEnd = () => this.#open.delete(relay);
  }

  #passage(way: Way): 'swallow' | number {
    return this.#deaf.includes(way) ? 'swallow' : this.#lagMs;
  }
}

/** One connection through the proxy. */
class Relay {
  /** Bytes of it were, or may be, swallowed: then the one side learns nothing of the other's end either. */
  hasHoles = false;
  onEnd: () => void = ignore;
  readonly #client: Socket;
  readonly #broker: Socket;

  constructor(client: Socket, broker: Socket, passage: (way: Way) => 'swallow' | number) {
    this.#client = client;
    this.#broker = broker;
    this.#link('up', { from: client, to: broker, passage });
    this.#link('down', { from: broker, to: client, passage });
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#broker.resetAndDestroy();
    this.onEnd();
  }

  #link(
    way: Way,
    { from, to, passage }: { from: Socket; to: Socket; passage: (way: Way) => 'swallow' | number },
  ): void {
    const lag = lagging(() => passage(way));
    from.setNoDelay(true);
    from.pipe(lag, { end: false }).pipe(to);
    from.on('end', () => this.hasHoles || lag.end());
    // A reset is what a cut looks like; `close` follows it.
    from.on('error', ignore);
    from.on('close', () => this.#closed(from, to));
  }

  #closed(from: Socket, to: Socket): void {
    if (this.hasHoles) return;
    if (!from.readableEnded) to.destroy();
    if (to.destroyed) this.onEnd();
  }
}

function lagging(passage: () => 'swallow' | number): Transform {
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const how = passage();
      if (how === 'swallow') done();
      else if (how === 0) done(null, chunk);
      else void pause(how).then(() => done(null, chunk));
    },
  });
}

function ignore(): void {}
