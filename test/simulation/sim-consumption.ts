import type { Consumption, JobMessage, Process, Settlement } from '@heavylift/core';
import type { Broker, Consumer } from './broker.js';
import type { Connection } from './connection.js';
import type { Pieces } from './pieces.js';
import type { Settling } from './settling.js';
import type { World } from './world.js';

/** A worker's side of the queue: runs what arrives, and brings its end to the broker. */
export class SimConsumption implements Consumer, Consumption {
  readonly connection: Connection;
  readonly slots: number;
  busy = 0;
  readonly #world: World;
  readonly #broker: Broker;
  readonly #process: Process;
  readonly #pieces: Pieces;
  readonly #inHand = new Set<Promise<void>>();
  #stopped = false;

  constructor(
    at: { readonly world: World; readonly broker: Broker; readonly connection: Connection },
    slots: number,
    process: Process,
    pieces: Pieces,
  ) {
    this.#world = at.world;
    this.#broker = at.broker;
    this.connection = at.connection;
    this.slots = slots;
    this.#process = process;
    this.#pieces = pieces;
    this.connection.consume(this);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.connection.stopConsuming(this);
    while (this.#inHand.size > 0) await Promise.all(this.#inHand);
  }

  async check(): Promise<void> {
    if (this.#stopped) throw new Error('takes nothing any more: it was stopped');
  }

  arrived(tag: number, message: JobMessage): void {
    const work = this.#run(tag, message).finally(() => {
      this.busy--;
      this.#inHand.delete(work);
      this.#broker.pump();
    });
    this.#inHand.add(work);
  }

  async #run(tag: number, message: JobMessage): Promise<void> {
    const { connection } = this;
    const lost = connection.watch(tag);
    const settling: Settling = { world: this.#world, broker: this.#broker, connection, tag, message, lost };
    try {
      const settlement = await this.#settlementOf(message, lost);
      this.#world.note(
        `${connection.process.name} settles ${message.id} ${message.attempt}: ${settlement.kind}`,
      );
      if (settlement.kind === 'release') this.#world.ledger.copies.push(message.id);
      await this.#pieces.settle(settling, settlement);
    } catch (error) {
      this.#world.note(`${connection.process.name} leaves ${message.id}: ${(error as Error).message}`);
    } finally {
      connection.settled(tag);
    }
  }

  async #settlementOf(message: JobMessage, lost: AbortSignal): Promise<Settlement> {
    if (this.#stopped) return { kind: 'release' };
    try {
      return await this.#process({ message, lost });
    } catch (error) {
      this.#world.note(`${this.connection.process.name} threw: ${(error as Error).message}`);
      return this.#pieces.afterThrow;
    }
  }
}
