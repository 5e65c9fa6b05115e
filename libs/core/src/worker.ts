import { Attempt } from './attempt.js';
import { tiersOf } from './lanes.js';
import type { Consumption, Delivery, Settlement, Transport } from './transport.js';
import type { WorkerEnvironment } from './worker-environment.js';

/** Takes jobs of some queues and runs them, `concurrency` at a time. */
export class Worker {
  readonly #transport: Pick<Transport, 'consume'>;
  readonly #env: WorkerEnvironment;
  readonly #running = new Map<string, { attempt: Attempt; settlement: Promise<Settlement> }>();
  #consumption: Consumption | undefined;
  #draining = false;

  constructor(transport: Pick<Transport, 'consume'>, env: WorkerEnvironment) {
    this.#transport = transport;
    this.#env = env;
  }

  get running(): number {
    return this.#running.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  async start(queues: readonly string[], concurrency: number): Promise<void> {
    this.#consumption = await this.#transport.consume(queues, concurrency, (delivery) =>
      this.#process(delivery),
    );
  }

  /** Takes no new job; gives what runs `limitMs` to finish, then hands it back. Resolves when nothing is in hand. */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    const timer = setTimeout(() => this.#handBack(), limitMs);
    try {
      await this.#consumption?.stop();
    } finally {
      clearTimeout(timer);
    }
  }

  #handBack(): void {
    for (const { attempt } of this.#running.values()) attempt.abort('released');
  }

  /** A job that comes again while it runs here, after the broker lost sight of us, is not run twice: both deliveries share the outcome. */
  #process(delivery: Delivery): Promise<Settlement> {
    const known = this.#running.get(delivery.message.id);
    if (known) return known.settlement;
    const attempt = new Attempt(delivery, this.#env);
    const settlement = attempt.settle().finally(() => this.#running.delete(delivery.message.id));
    this.#running.set(delivery.message.id, { attempt, settlement });
    return settlement;
  }
}
