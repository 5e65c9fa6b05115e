import type { Listener, TransportEvent } from '@heavylift/core';
import type { Connection } from './connection.js';
import type { SeededRandom } from './seeded-random.js';
import type { World } from './world.js';

interface Member {
  readonly connection: Connection;
  readonly listener: Listener;
  inHand: readonly TransportEvent[] | undefined;
}

const mostOfBatch = 6;
const pauseAfterRejectionMs = 100;

/** Events of a group: each batch is one member's until he acknowledges it; what he loses comes again, later than what came after it. */
export class EventLane {
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #members = new Set<Member>();
  #waiting: TransportEvent[] = [];
  readonly #takers = new Map<TransportEvent, () => void>();

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.named('events');
  }

  get idle(): boolean {
    return this.#waiting.length === 0 && [...this.#members].every(({ inHand }) => !inHand);
  }

  add(event: TransportEvent): void {
    this.#waiting.push(event);
    this.#world.time.outside(this.#world.latencyMs('event'), () => this.#pump());
  }

  /** Resolves once the group has acknowledged it. */
  addUntilTaken(event: TransportEvent): Promise<void> {
    this.add(event);
    return new Promise((resolve) => this.#takers.set(event, resolve));
  }

  join(connection: Connection, listener: Listener): void {
    this.#members.add({ connection, listener, inHand: undefined });
    this.#pump();
  }

  leave(connection: Connection): void {
    for (const member of this.#members) {
      if (member.connection !== connection) continue;
      this.#members.delete(member);
      this.#again(member);
    }
  }

  wipe(): void {
    this.#waiting = [];
    this.#takers.clear();
    this.#members.clear();
  }

  #pump(): void {
    for (const member of this.#members) {
      if (member.inHand || this.#waiting.length === 0) continue;
      member.inHand = this.#waiting.splice(0, this.#random.whole(1, mostOfBatch));
      this.#world.push(member.connection.process, 'batch', () => this.#hand(member));
    }
  }

  /** In the member's process. */
  async #hand(member: Member): Promise<void> {
    const batch = member.inHand;
    if (!batch) return;
    const { connection } = member;
    try {
      await member.listener(batch);
      await connection.call('batchAck', () => this.#done(member, batch));
    } catch {
      // Rejected, or the acknowledgement got lost: the group still has the batch and hands it out again.
      this.#world.time.outside(pauseAfterRejectionMs, () => {
        if (member.inHand === batch) this.#again(member);
      });
    }
  }

  #done(member: Member, batch: readonly TransportEvent[]): void {
    if (member.inHand !== batch) return;
    member.inHand = undefined;
    for (const event of batch) this.#taken(event);
    this.#pump();
  }

  #taken(event: TransportEvent): void {
    this.#takers.get(event)?.();
    this.#takers.delete(event);
  }

  #again(member: Member): void {
    const batch = member.inHand ?? [];
    member.inHand = undefined;
    const at = this.#random.chance(0.5) ? 0 : this.#waiting.length;
    this.#waiting.splice(at, 0, ...batch);
    this.#pump();
  }
}
