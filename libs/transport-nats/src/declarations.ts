import { TransportError } from '@heavylift/core';
import type { JetStreamManager, StreamInfo } from 'nats';
import { apiErrorOf, apiErrors } from './failures.js';
import { type ConsumerPlan, jobsStream, type StreamPlan, streams } from './streams.js';

/** All that this client needs on the server; declared after each connect, as somebody may have deleted it meanwhile. */
export class Declarations {
  readonly #consumers = new Map<string, ConsumerPlan>();
  readonly #replicas: number;
  #keeper = '';

  /** `replicas`: copies of each stream that is made. */
  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  /** The jobs stream and when it was made: one that was lost and made anew is another keeper. */
  get keeper(): string {
    return this.#keeper;
  }

  add(plan: ConsumerPlan): void {
    this.#consumers.set(`${plan.stream}/${plan.config.durable_name}`, plan);
  }

  has(plan: Pick<ConsumerPlan, 'stream'> & { readonly durable: string }): boolean {
    return this.#consumers.has(`${plan.stream}/${plan.durable}`);
  }

  async declare(jsm: JetStreamManager): Promise<void> {
    const infos = await Promise.all(streams.map((plan) => declareStream(jsm, plan, this.#replicas)));
    const jobs = infos.find((info) => info.config.name === jobsStream.name);
    this.#keeper = `nats:${jobsStream.name}@${String(jobs?.created)}`;
    await Promise.all([...this.#consumers.values()].map((plan) => declareConsumer(jsm, plan)));
  }
}

/** A stream that exists with other limits is the operator's choice and stays so. */
async function declareStream(jsm: JetStreamManager, plan: StreamPlan, replicas: number): Promise<StreamInfo> {
  const info = await jsm.streams.add({ ...plan, num_replicas: replicas }).catch((error: unknown) => {
    if (apiErrorOf(error) === apiErrors.streamDiffers) return jsm.streams.info(plan.name);
    throw error;
  });
  if (info.config.retention === plan.retention) return info;
  throw new TransportError(
    'broker.refused',
    `stream ${plan.name} exists with retention "${info.config.retention}" instead of "${plan.retention}"; delete or rename it`,
  );
}

async function declareConsumer(jsm: JetStreamManager, { stream, config }: ConsumerPlan): Promise<void> {
  try {
    // A copy: the client writes into what it is given.
    await jsm.consumers.add(stream, { ...config });
  } catch (error) {
    const taken: (number | undefined)[] = [apiErrors.consumerExists, apiErrors.consumerNameTaken];
    if (!taken.includes(apiErrorOf(error))) throw error;
    await jsm.consumers.update(stream, config.durable_name, { ack_wait: config.ack_wait ?? 0 });
  }
}
