import { pause } from '@heavylift/core';
import { brokerError, closedError } from './broker-error.js';
import { ConfirmLane, type Outgoing } from './confirm-lane.js';
import type { Connection } from './connection.js';
import type { Declarations } from './declarations.js';
import { openChannel } from './opened-channel.js';
import { type Opened, Reopening } from './reopening.js';

export const publishTimeoutMs = 10_000;
/** A channel that is about to end still stands there as the current one; asking it again at once would spin. */
const pauseAfterEndMs = 20;

/** Publishes with confirms, within 10 s each, a reconnect in between included. */
export class Publisher {
  readonly #connection: Connection;
  readonly #declarations: Declarations;
  readonly #appId: string;
  readonly #lane: Reopening<ConfirmLane>;
  readonly #pending = new Set<Promise<void>>();
  #closing = false;

  constructor(connection: Connection, declarations: Declarations, appId: string) {
    this.#connection = connection;
    this.#declarations = declarations;
    this.#appId = appId;
    this.#lane = new Reopening('channel for publishing', (stopping) => this.#open(stopping));
  }

  start(): void {
    this.#lane.start();
  }

  /** Resolves once a channel is open and all that is wanted is declared. */
  async ready(timeoutMs = publishTimeoutMs): Promise<void> {
    await this.#lane.get(timeoutMs);
    await this.#declarations.ensure(await this.#connection.get(timeoutMs));
  }

  /**
   * Resolves once the broker has confirmed it: stored, if persistent, and routed, if mandatory.
   * @throws {TransportError} `broker.unroutable` and `broker.refused` are certain; after `broker.timeout` and `broker.unreachable` it
   * may be stored all the same
   */
  publish(message: Outgoing): Promise<void> {
    if (this.#closing) return Promise.reject(closedError());
    const properties = {
      ...message.properties,
      appId: this.#appId,
      timestamp: Math.floor(Date.now() / 1_000),
    };
    const work = this.#untilAnswered({ ...message, properties });
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    return tracked;
  }

  /** Waits for the answers that are still out, then closes the channel. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#pending);
    await this.#lane.close();
  }

  /** A channel that ends takes the answer with it: then it may or may not be stored, and is sent once more. */
  async #untilAnswered(message: Outgoing): Promise<void> {
    const deadline = performance.now() + publishTimeoutMs;
    for (;;) {
      const lane = await this.#lane.get(deadline - performance.now());
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw brokerError('broker.timeout', `no confirm within ${publishTimeoutMs} ms`);
      if ((await lane.publish(message, leftMs)) === 'confirmed') return;
      await pause(pauseAfterEndMs);
    }
  }

  async #open(stopping: AbortSignal): Promise<Opened<ConfirmLane>> {
    const model = await this.#connection.get(publishTimeoutMs, stopping);
    await this.#declarations.ensure(model);
    const opened = await openChannel(() => model.createConfirmChannel());
    return { ...opened, value: new ConfirmLane(opened, this.#connection) };
  }
}
