import { type JobMessage, type PublishOptions, sendingId, type TransportEvent } from '@heavylift/core';
import type { Server } from './call.js';
import type { Connection } from './connection.js';
import { EventLane } from './event-lane.js';
import { afterLostHolder } from './handover.js';
import { SignalLane } from './signal-lane.js';
import type { SeededRandom } from './seeded-random.js';
import { brokerFailure, type World } from './world.js';

/** Who takes jobs over a connection. */
export interface Consumer {
  readonly connection: Connection;
  readonly slots: number;
  busy: number;
  arrived(tag: number, message: JobMessage): void;
}

interface Held {
  readonly message: JobMessage;
  readonly consumer: Consumer;
}

/** One queue of jobs and one group of event listeners, kept through restarts; forgotten at a wipe. */
export class Broker implements Server {
  readonly patienceMs = 5_000;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #consumers = new Set<Consumer>();
  readonly events: EventLane;
  readonly signals: SignalLane;
  readonly dead: { readonly message: JobMessage; readonly reason: string }[] = [];
  #ready: JobMessage[] = [];
  readonly #held = new Map<number, Held>();
  readonly #known = new Set<string>();
  #delayed = 0;
  #tags = 0;
  #name = 1;
  up = true;
  era = 1;
  blockedUntil = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.named('broker');
    this.events = new EventLane(world);
    this.signals = new SignalLane(world);
  }

  get keeper(): string {
    return `broker-${this.#name}`;
  }

  get idle(): boolean {
    return this.#ready.length + this.#delayed + this.#held.size === 0 && this.events.idle;
  }

  failure(why: string): Error {
    return brokerFailure(why);
  }

  store(message: JobMessage, delayMs = 0): void {
    const id = sendingId(message);
    if (!this.#known.has(id)) {
      this.#known.add(id);
      return this.#makeReady(message, delayMs);
    }
    if (!this.#world.scenario.dropsCopies) this.#copy(message, delayMs);
  }

  bury(message: JobMessage, reason: string): void {
    this.dead.push({ message, reason });
  }

  /** A memory that ends with its process keeps an event that is to outlive it only once the group has it. */
  publish(event: TransportEvent, { outlives }: PublishOptions = {}): Promise<void> | void {
    if (outlives && this.#world.scenario.kind === 'embedded') return this.events.addUntilTaken(event);
    this.events.add(event);
  }

  /** Lets go of a delivery. Stale when it is another's by now. */
  acknowledge(tag: number): 'done' | 'stale' {
    return this.#held.delete(tag) ? 'done' : 'stale';
  }

  /** Lets go of a delivery and keeps what follows it, in one step. */
  replace(tag: number, message: JobMessage, delayMs: number): 'done' | 'stale' {
    if (!this.#held.delete(tag)) return 'stale';
    this.#makeReady(message, delayMs);
    return 'done';
  }

  attach(consumer: Consumer): void {
    this.#consumers.add(consumer);
    this.pump();
  }

  detach(consumer: Consumer): void {
    this.#consumers.delete(consumer);
  }

  /** The connection is gone: what it held comes again. */
  drop(connection: Connection): void {
    for (const consumer of this.#consumers) if (consumer.connection === connection) this.detach(consumer);
    for (const [tag, held] of this.#held) if (held.consumer.connection === connection) this.lose(tag);
    this.events.leave(connection);
    this.signals.leave(connection);
  }

  lose(tag: number): void {
    const held = this.#held.get(tag);
    if (!held) return;
    this.#held.delete(tag);
    const { id: jobId, attempt, suspected } = held.message;
    this.#world.ledger.losses.push({ jobId, attempt, suspected });
    this.#world.note(`broker gives up the holder of ${jobId} ${attempt}`);
    this.#makeReady(afterLostHolder(held.message), 0);
  }

  /** How many wait for a worker. */
  get ready(): number {
    return this.#ready.length;
  }

  /** Forgets all that it has; its name too, unless it keeps it. */
  wipe(keepsName = false): void {
    this.era++;
    if (!keepsName) this.#name++;
    this.#world.ledger.wipes++;
    this.#ready = [];
    this.#held.clear();
    this.#known.clear();
    this.#delayed = 0;
    this.#consumers.clear();
    this.events.wipe();
    this.signals.wipe();
  }

  pump(): void {
    if (!this.up) return;
    for (;;) {
      const free = [...this.#consumers].filter(({ busy, slots }) => busy < slots);
      if (free.length === 0 || this.#ready.length === 0) return;
      const at = this.#world.scenario.ordered ? 0 : this.#random.whole(0, this.#ready.length - 1);
      this.#hand(this.#ready.splice(at, 1)[0]!, this.#random.pick(free));
    }
  }

  #hand(message: JobMessage, consumer: Consumer): void {
    const tag = ++this.#tags;
    this.#held.set(tag, { message, consumer });
    consumer.busy++;
    const { process } = consumer.connection;
    const fault = this.#world.faults.atDelivery();
    this.#world.note(
      `broker hands ${sendingId(message)} to ${process.name}${fault ? ` ! ${fault.kind} ${fault.ms}` : ''}`,
    );
    this.#world.push(process, 'deliver', () => consumer.arrived(tag, message));
    if (fault?.kind === 'copied') this.#copy(message, fault.ms);
    else if (fault)
      this.#world.time.outside(fault.ms, () => {
        this.lose(tag);
        if (fault.kind === 'lose') consumer.connection.lost(tag);
      });
  }

  #copy(message: JobMessage, delayMs: number): void {
    this.#world.ledger.copies.push(message.id);
    this.#makeReady(message, delayMs);
  }

  #makeReady(message: JobMessage, delayMs: number): void {
    const era = this.era;
    this.#delayed++;
    this.#world.time.outside(delayMs, () => {
      if (era !== this.era) return;
      this.#delayed--;
      this.#ready.push(message);
      this.pump();
    });
  }
}
