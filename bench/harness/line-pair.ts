import type { Handled, LineCalls } from './line.ts';
import { rate } from './numbers.ts';
import { Player } from './player.ts';
import type { Figures } from './scenario.ts';
import { untilDone } from './window.ts';

export interface LinePairOptions {
  /** Of `bench/players`. */
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  /** Messages of a round. */
  readonly count: number;
  /** Whether both ends are in one process, as for a broker that lives in it. */
  readonly alone?: boolean;
}

/** A queue with one producing process and up to two consuming ones. */
export class LinePair {
  readonly #options: LinePairOptions;
  readonly #producer: Player<LineCalls>;
  readonly #consumers: Player<LineCalls>[];

  private constructor(options: LinePairOptions, consumers: number) {
    this.#options = options;
    const { file, env, alone } = options;
    this.#producer = new Player<LineCalls>(file, env);
    this.#consumers = alone
      ? [this.#producer]
      : Array.from({ length: consumers }, () => new Player<LineCalls>(file, env));
  }

  static async open(options: LinePairOptions, consumers = 1): Promise<LinePair> {
    const pair = new LinePair(options, consumers);
    for (const player of [pair.#producer, ...pair.#consumers]) await player.call('open');
    return pair;
  }

  /** Messages accepted a second. Leaves them waiting. */
  async send(): Promise<number> {
    return rate(this.#options.count, await this.#producer.call('produce', this.#options.count));
  }

  /** Of the messages that wait, those handled a second by so many processes. */
  drain(consumers = 1): Promise<number> {
    return this.#consume(consumers, async () => {});
  }

  /** Messages that are sent and handled a second, both at once. */
  both(): Promise<number> {
    return this.#consume(1, () => this.#producer.call('produce', this.#options.count));
  }

  /** Milliseconds from sending to handling, of messages that come so many a second. */
  async waits(perSecond: number): Promise<readonly number[]> {
    const { count } = this.#options;
    const [consumer] = this.#consumers;
    await consumer!.call('start');
    await this.#producer.call('trickle', count, perSecond);
    await untilDone(count, async () => (await consumer!.call('handled')).count);
    await consumer!.call('stop');
    return consumer!.call('waits');
  }

  /** All three, one after the other. */
  async figures(): Promise<Figures> {
    const send = await this.send();
    const drain = await this.drain();
    return { send, drain, both: await this.both() };
  }

  async close(): Promise<void> {
    for (const player of new Set([this.#producer, ...this.#consumers])) await player.close();
  }

  /** Starts to consume, does something meanwhile, and says how many milliseconds lie between the first and the last message. */
  async #consume(consumers: number, meanwhile: () => Promise<unknown>): Promise<number> {
    const taking = this.#consumers.slice(0, consumers);
    for (const consumer of taking) await consumer.call('start');
    const handled = (): Promise<Handled[]> => Promise.all(taking.map((consumer) => consumer.call('handled')));
    const sum = async (): Promise<number> => (await handled()).reduce((all, { count }) => all + count, 0);
    await Promise.all([meanwhile(), untilDone(this.#options.count, sum)]);
    const spans = (await handled()).filter(({ count }) => count > 0);
    for (const consumer of taking) await consumer.call('stop');
    const ms =
      Math.max(...spans.map(({ lastAt }) => lastAt)) - Math.min(...spans.map(({ firstAt }) => firstAt));
    return rate(this.#options.count, ms);
  }
}
