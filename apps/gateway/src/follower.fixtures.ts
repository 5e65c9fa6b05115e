import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

export interface Message {
  readonly id?: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client of Server-Sent Events, which keeps what it hears. */
export class Follower {
  readonly messages: Message[] = [];
  /** When the gateway has ended the stream, or this client has left. */
  readonly ended: Promise<void>;
  readonly #sent: ReturnType<typeof request>;
  #left = false;

  private constructor(
    sent: ReturnType<typeof request>,
    readonly response: IncomingMessage,
  ) {
    this.#sent = sent;
    this.ended = this.#read().catch((error: unknown) => {
      if (!this.#left) throw error;
    });
  }

  static async of(url: string, lastEventId?: string): Promise<Follower> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const sent = request(url, { headers, agent: false }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return new Follower(sent, response);
  }

  get kinds(): string[] {
    return this.messages.map(({ event }) => event);
  }

  leave(): void {
    this.#left = true;
    this.#sent.destroy();
  }

  async #read(): Promise<void> {
    let rest = '';
    for await (const chunk of this.response.setEncoding('utf8')) {
      const parts = (rest + String(chunk)).split('\n\n');
      rest = parts.pop()!;
      this.messages.push(...parts.filter((part) => !part.startsWith(':')).map(messageOf));
    }
  }
}

function messageOf(text: string): Message {
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const id = field('id');
  return {
    ...(id === undefined ? {} : { id: Number(id) }),
    event: field('event')!,
    data: JSON.parse(field('data')!) as Record<string, unknown>,
  };
}
