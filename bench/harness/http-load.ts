import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * One connection of a client that costs little: on two cores, a client that does all that HTTP allows would take from the server what is measured.
 * One request at a time, JSON only, and answers with a Content-Length.
 */
export class HttpLoad {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = Buffer.alloc(0);
  #settle: ((answer: Answer) => void) | undefined;
  #fail: (error: Error) => void = () => {};

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error(`${host} closed the connection`)));
  }

  static async open(url: string): Promise<HttpLoad> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new HttpLoad(socket, host);
  }

  /** @throws {Error} unless the status is that of an acceptance */
  async post(path: string, json: string): Promise<string> {
    const head = `POST ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\n`;
    const answer = await this.#ask(`${head}Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
    if (answer.status !== 202) throw new Error(`POST ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
    return answer.body;
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(request: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#fail = reject;
      this.#socket.write(request);
    });
  }

  #receive(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (Number.isNaN(length)) return this.#fail(new Error(`an answer without a length: ${head}`));
    if (this.#received.length < end + 4 + length) return;
    const body = this.#received.toString('utf8', end + 4, end + 4 + length);
    this.#received = Buffer.alloc(0);
    this.#settle?.({ status: Number(head.slice(9, 12)), body });
  }
}

/** Posts over so many connections, each the next one when the last was answered; says how many milliseconds each took. */
export async function postAll(
  url: string,
  posts: {
    readonly path: string;
    readonly count: number;
    readonly connections: number;
    readonly body: () => string;
  },
): Promise<readonly number[]> {
  const { path, count, connections, body } = posts;
  const opened = await Promise.all(
    Array.from({ length: Math.min(connections, count) }, () => HttpLoad.open(url)),
  );
  const took: number[] = [];
  let left = count;
  const lane = async (connection: HttpLoad): Promise<void> => {
    while (left-- > 0) {
      const began = performance.now();
      await connection.post(path, body());
      took.push(performance.now() - began);
    }
  };
  await Promise.all(opened.map(lane)).finally(() => opened.forEach((connection) => connection.close()));
  return took;
}
