import { type ConfirmChannel, IllegalOperationError, type Message, type Options } from 'amqplib';
import { brokerError } from './broker-error.js';
import type { Connection } from './connection.js';
import type { Opened } from './reopening.js';

/** A message on its way to an exchange. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  readonly properties: Options.Publish;
}

/** `ended`: the channel went away before the answer came. */
type Answer = 'confirmed' | 'ended';

interface Unconfirmed {
  readonly id: string | undefined;
  readonly routingKey: string;
  returned?: string;
}

/** So old a channel is given up when the broker refuses a message on it; what a younger one is told counts. */
const trustedForMs = 5_000;

/**
 * One confirm channel, from its opening to its end.
 *
 * A refusal may be the channel's own fault. When the node of a quorum queue's leader dies, RabbitMQ 3.10 now and then refuses on channels that were open
 * all that goes there from then on, for minutes, while a new channel of the same connection gets it through within milliseconds (seen in one of three
 * such deaths). So a message that an old channel refuses is asked for again on a new one.
 */
export class ConfirmLane {
  readonly #opened: Opened<ConfirmChannel>;
  readonly #openedAt = performance.now();
  readonly #channel: ConfirmChannel;
  readonly #connection: Connection;
  readonly #unconfirmed = new Set<Unconfirmed>();
  readonly #waiting = new Set<() => void>();
  #full = false;
  #ended = false;

  constructor(opened: Opened<ConfirmChannel>, connection: Connection) {
    this.#opened = opened;
    this.#channel = opened.value;
    this.#connection = connection;
    this.#channel.on('return', (message) => this.#returned(message));
    this.#channel.on('drain', () => this.#admit());
    this.#channel.once('close', () => {
      this.#ended = true;
      this.#admit();
    });
  }

  /**
   * Publishes as soon as the broker takes messages, and waits for the answer.
   * @throws {TransportError} `broker.unroutable`, `broker.refused`, `broker.timeout`
   */
  async publish(message: Outgoing, timeoutMs: number): Promise<Answer> {
    const deadline = performance.now() + timeoutMs;
    while (!this.#ended && (this.#full || this.#connection.blocked)) {
      await this.#admission(deadline - performance.now());
    }
    if (this.#ended) return 'ended';
    return this.#confirmed(message, deadline - performance.now());
  }

  #confirmed(message: Outgoing, timeoutMs: number): Promise<Answer> {
    const entry: Unconfirmed = { id: message.properties.messageId, routingKey: message.routingKey };
    return new Promise((resolve, reject) => {
      const end = (answer: Answer | Error): void => {
        clearTimeout(timer);
        this.#unconfirmed.delete(entry);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      const timer = setTimeout(() => end(this.#late()), timeoutMs);
      this.#unconfirmed.add(entry);
      try {
        this.#write(message, (error) => end(this.#answer(error, entry)));
      } catch (error) {
        end(thrownByWrite(error));
      }
    });
  }

  #answer(error: Error | null, entry: Unconfirmed): Answer | Error {
    const answer = answerOf(error, entry);
    const isOld = performance.now() - this.#openedAt > trustedForMs;
    if (!isRefusal(error) || !isOld) return answer;
    void this.#opened.close();
    return 'ended';
  }

  #write(message: Outgoing, answered: (error: Error | null) => void): void {
    const { exchange, routingKey, body, properties } = message;
    const content = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    if (!this.#channel.publish(exchange, routingKey, content, properties, answered)) this.#full = true;
  }

  /** The return of an unroutable message comes before its confirm, which says "stored" all the same. */
  #returned(message: Message): void {
    for (const entry of this.#unconfirmed) {
      if (entry.id === message.properties.messageId && entry.routingKey === message.fields.routingKey)
        entry.returned = `no queue takes "${entry.routingKey}" from exchange "${message.fields.exchange}"; name the queue in connect()`;
    }
  }

  #admission(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(admit);
        reject(this.#late());
      }, timeoutMs);
      this.#waiting.add(admit);
      if (this.#connection.blocked) this.#connection.onceUnblocked(() => this.#admit());
    });
  }

  #admit(): void {
    this.#full = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const admit of waiting) admit();
  }

  #late(): Error {
    const why = this.#connection.blocked;
    return brokerError(
      'broker.timeout',
      why ? `the broker has blocked this connection: ${why}` : 'the broker did not confirm in time',
    );
  }
}

/** amqplib has one callback for a refusal and for the end of a channel, and only the text tells them apart. */
function isRefusal(error: Error | null): boolean {
  return error?.message === 'message nacked';
}

function answerOf(error: Error | null, entry: Unconfirmed): Answer | Error {
  if (entry.returned) return brokerError('broker.unroutable', entry.returned);
  if (!error) return 'confirmed';
  if (!isRefusal(error)) return 'ended';
  return brokerError(
    'broker.refused',
    `the broker refused a message for "${entry.routingKey}": its queue is full or unavailable`,
  );
}

function thrownByWrite(error: unknown): Answer | Error {
  if (error instanceof IllegalOperationError) return 'ended';
  return brokerError('broker.refused', 'the message cannot be written in AMQP', error);
}
