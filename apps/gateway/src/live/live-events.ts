import type { Consumption, Logger, Transport, TransportEvent } from '@heavylift/core';
import { persist } from '@heavylift/nestjs';

/** Who hears live events, while somebody follows him. */
export interface LiveHearer {
  readonly hasAudience: boolean;
  hear(events: readonly TransportEvent[]): void;
  /** From now on events are heard; some may have passed since the audience came. */
  begins?(): void;
}

/** Who follows one job after the other leaves and comes: to subscribe anew for each would cost the broker more than the events. */
const lingerMs = 5_000;

/**
 * Brings live events from the broker, in one subscription for all who hear them, and only while these have an audience: else every event would come over the wire
 * a second time, to be read by nobody.
 */
export class LiveEvents {
  readonly #hearers: readonly LiveHearer[];
  readonly #logger: Logger;
  readonly #lingerMs: number;
  readonly #closed = new AbortController();
  #transport: Pick<Transport, 'subscribe'> | undefined;
  #consumption: Consumption | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #turning: Promise<void> | undefined;

  constructor(hearers: readonly LiveHearer[], logger: Logger, keptMs = lingerMs) {
    this.#hearers = hearers;
    this.#logger = logger;
    this.#lingerMs = keptMs;
  }

  /** The transport is connected. */
  open(transport: Pick<Transport, 'subscribe'>): void {
    this.#transport = transport;
    this.audienceChanged();
  }

  /** Somebody came where nobody was, or the last one left. */
  audienceChanged(): void {
    if (this.#closed.signal.aborted) return;
    if (!this.#hasAudience) return this.#linger();
    this.#endLinger();
    this.#turn();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#endLinger();
    await this.#turning;
    if (this.#consumption) await this.#end(this.#consumption);
  }

  get #hasAudience(): boolean {
    return this.#hearers.some((hearer) => hearer.hasAudience);
  }

  #linger(): void {
    if (!this.#consumption && !this.#turning) return;
    this.#lingering ??= setTimeout(() => {
      this.#endLinger();
      this.#turn();
    }, this.#lingerMs);
  }

  #endLinger(): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
  }

  #turn(): void {
    if (!this.#turning && this.#mustTurn) this.#turning = this.#follow();
  }

  /** Until there is a subscription when there is an audience, and none when there is none. */
  async #follow(): Promise<void> {
    while (this.#mustTurn)
      await (this.#consumption ? this.#end(this.#consumption) : this.#begin(this.#transport!));
    this.#turning = undefined;
  }

  get #mustTurn(): boolean {
    if (!this.#transport || this.#closed.signal.aborted) return false;
    return this.#isWanted !== (this.#consumption !== undefined);
  }

  get #isWanted(): boolean {
    return this.#hasAudience || this.#lingering !== undefined;
  }

  async #begin(transport: Pick<Transport, 'subscribe'>): Promise<void> {
    const subscribe = async (): Promise<void> => {
      this.#consumption = await transport.subscribe(async (events) => this.#hear(events));
    };
    if (!(await persist('follow events', subscribe, this.#logger, this.#closed.signal))) return;
    for (const hearer of this.#hearers) hearer.begins?.();
  }

  async #end(consumption: Consumption): Promise<void> {
    this.#consumption = undefined;
    await consumption.stop().catch((error: unknown) => {
      this.#logger.warn('live events that nobody wants may still come', { error });
    });
  }

  #hear(events: readonly TransportEvent[]): void {
    for (const hearer of this.#hearers) if (hearer.hasAudience) hearer.hear(events);
  }
}
