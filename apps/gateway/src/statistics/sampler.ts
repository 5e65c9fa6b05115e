import { type Logger, queuesOf, type Transport, TransportError } from '@heavylift/core';
import type { Sampled, StatisticsBook } from '../store/index.js';

export interface SamplerOptions {
  readonly transport: Pick<Transport, 'check' | 'inspect'>;
  readonly book: Pick<StatisticsBook, 'saveSamples'>;
  readonly jobTypes: readonly string[];
  readonly logger: Logger;
  /** Default: 15,000. */
  readonly everyMs?: number;
}

type Sample = Omit<Sampled, 'at'>;

/** Looks at the broker every 15 seconds and notes how deep the queues are, or that it is away. */
export class Sampler {
  readonly #options: SamplerOptions;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), options.everyMs ?? 15_000);
  }

  /** One look at a time: a broker that does not answer is not asked again meanwhile. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { book, logger } = this.#options;
    try {
      await book.saveSamples(await this.#samples());
    } catch (error) {
      logger.warn('the state of the queues was not noted', { error });
    }
  }

  async #samples(): Promise<Sample[]> {
    const { transport, jobTypes } = this.#options;
    try {
      await transport.check();
      const depths = await Promise.all(jobTypes.map((type) => this.#depthOf(type)));
      return [{ name: 'broker', type: '', value: 1 }, ...depths.flat()];
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return [{ name: 'broker', type: '', value: 0 }];
    }
  }

  async #depthOf(type: string): Promise<Sample[]> {
    const { transport } = this.#options;
    const lanes = await Promise.all(queuesOf(type).map(({ name }) => transport.inspect(name)));
    const sum = (count: (lane: (typeof lanes)[number]) => number): number =>
      lanes.reduce((total, lane) => total + count(lane), 0);
    return [
      { name: 'ready', type, value: sum(({ ready }) => ready) },
      { name: 'inFlight', type, value: sum(({ inFlight }) => inFlight ?? 0) },
    ];
  }
}
