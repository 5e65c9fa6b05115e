import { type JobMessage, sendingId } from '@heavylift/core';
import type { Connection } from './connection.js';
import { deadId, type Death, encodeDead, encodeDelayed, encodeJob } from './message-codec.js';
import { assertFits, publish, type Publication } from './publisher.js';
import { deadStream, deadSubject, jobsStream, jobSubject, retryStream, retrySubject } from './streams.js';

/** Puts jobs into streams. Each call resolves once the stream has stored the message. */
export class Outbound {
  readonly #connection: Connection;
  readonly #client: string;

  /** `client` is written into each message, for people who look into the broker. */
  constructor(connection: Connection, client: string) {
    this.#connection = connection;
    this.#client = client;
  }

  /** @throws {TransportError} `broker.refused` when it is too large, and as `publish` */
  async send(message: JobMessage, delayMs: number): Promise<void> {
    const publication = delayMs > 0 ? this.#delayed(message, delayMs) : this.#direct(message);
    const { nc } = this.#connection.ready ?? (await this.#connection.session(10_000));
    assertFits(publication, nc.info?.max_payload ?? Infinity);
    await publish(this.#connection, publication);
  }

  /**
   * Puts the message on its queue, at once or after `delayMs`. A new message rather than a nak: then the number of hand-overs that the
   * jobs stream counts is the number of holders, a restart forgets nothing, and what waits is not what is ready.
   *
   * `signal`, here and below: ends the repetition of what is not confirmed.
   */
  async put(message: JobMessage, delayMs = 0, signal?: AbortSignal): Promise<void> {
    const publication = delayMs > 0 ? this.#delayed(message, delayMs) : this.#direct(message);
    await publish(this.#connection, publication, signal);
  }

  /** Keeps a dead letter under the name of the queue that `among` says. */
  async bury(message: JobMessage, among: string, death: Death, signal?: AbortSignal): Promise<void> {
    const publication = {
      stream: deadStream.name,
      subject: deadSubject(among),
      body: message.body,
      id: deadId(message),
      head: encodeDead(message, this.#client, death),
    };
    await publish(this.#connection, publication, signal);
  }

  #direct(message: JobMessage): Publication {
    const head = encodeJob(message, this.#client);
    return { ...named(message), stream: jobsStream.name, subject: jobSubject(message.queue), head };
  }

  #delayed(message: JobMessage, delayMs: number): Publication {
    const head = encodeDelayed(message, this.#client, Date.now() + delayMs);
    return { ...named(message), stream: retryStream.name, subject: retrySubject(message.queue), head };
  }
}

function named(message: JobMessage): Pick<Publication, 'id' | 'body'> {
  return { id: sendingId(message), body: message.body };
}
