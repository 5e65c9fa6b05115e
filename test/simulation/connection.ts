import type { Listener } from '@heavylift/core';
import type { Broker, Consumer } from './broker.js';
import type { CallPoint } from './fault-plan.js';
import type { SignalListener } from './signal-lane.js';
import type { SimProcess } from './sim-process.js';
import { brokerFailure, type World } from './world.js';

const reconnectMs = 400;

/** A process's connection to the broker. It comes back by itself, with all that was attached to it. */
export class Connection {
  readonly process: SimProcess;
  readonly #world: World;
  readonly #broker: Broker;
  readonly #consumers = new Set<Consumer>();
  readonly #lost = new Map<number, AbortController>();
  #listener: Listener | undefined;
  #hearing: SignalListener | undefined;
  #up = false;
  /** As the transport's: valid once it was connected. */
  keeper = '';

  constructor(world: World, broker: Broker, process: SimProcess) {
    this.#world = world;
    this.#broker = broker;
    this.process = process;
    process.onDeath(() => this.#died());
    this.#connectAfter(5);
  }

  /** @throws {TransportError} when there is no connection, or no answer in time */
  async call<T>(point: CallPoint, execute: () => T | Promise<T>): Promise<T> {
    if (!this.#up) throw brokerFailure('not connected');
    return this.#world.call(this.process, point, this.#broker, execute);
  }

  consume(consumer: Consumer): void {
    this.#consumers.add(consumer);
    if (this.#up) this.#broker.attach(consumer);
  }

  stopConsuming(consumer: Consumer): void {
    this.#consumers.delete(consumer);
    this.#broker.detach(consumer);
  }

  subscribe(listener: Listener): void {
    this.#listener = listener;
    if (this.#up) this.#broker.events.join(this, listener);
  }

  stopListening(): void {
    this.#listener = undefined;
    this.#broker.events.leave(this);
  }

  /** Hears signals while it is connected. */
  listen(listener: SignalListener): void {
    this.#hearing = listener;
    if (this.#up) this.#broker.signals.join(this, listener);
  }

  stopHearing(): void {
    this.#hearing = undefined;
    this.#broker.signals.leave(this);
  }

  /** The signal of a delivery that arrived. */
  watch(tag: number): AbortSignal {
    const controller = new AbortController();
    this.#lost.set(tag, controller);
    return controller.signal;
  }

  settled(tag: number): void {
    this.#lost.delete(tag);
  }

  /** The broker tells that a delivery is another's now. */
  lost(tag: number): void {
    this.#world.push(this.process, 'lost', () => this.#lost.get(tag)?.abort('lost'));
  }

  /** The broker closed it, or went away. */
  broken(): void {
    this.#broker.drop(this);
    if (this.#up) this.#world.time.after(this.#world.latencyMs('lost'), () => this.#down(), this.process);
  }

  /** Nothing gets through for a while; each side notices in its own time. */
  cut(forMs: number): void {
    this.process.cutUntil = this.#world.time.now + forMs;
    this.#world.time.outside(this.#world.chances('detect').whole(50, 5_000), () => {
      if (this.process.cutUntil > this.#world.time.now) this.broken();
    });
  }

  #down(): void {
    this.#up = false;
    for (const controller of this.#lost.values()) controller.abort('lost');
    this.#lost.clear();
    this.#connectAfter(reconnectMs * (0.5 + this.#world.chances('reconnect').next()));
  }

  #connectAfter(ms: number): void {
    this.#world.time.after(ms, () => this.#connect(), this.process);
  }

  #connect(): void {
    if (!this.#broker.up || this.process.cutUntil > this.#world.time.now)
      return this.#connectAfter(reconnectMs);
    if (this.#up) return;
    this.#up = true;
    this.keeper = this.#broker.keeper;
    for (const consumer of this.#consumers) this.#broker.attach(consumer);
    if (this.#listener) this.#broker.events.join(this, this.#listener);
    if (this.#hearing) this.#broker.signals.join(this, this.#hearing);
  }

  #died(): void {
    this.#world.time.outside(this.#world.chances('death').whole(1, 2_000), () => this.#broker.drop(this));
  }
}
