import { TransportError } from '@heavylift/core';
import type { ConsumerConfig, ConsumerInfo, JetStreamManager, NatsConnection, StreamInfo } from 'nats';
import { type Patient, restartIfAhead, settleGhosts } from './consumer-repair.js';
import { apiErrorOf, apiErrors, unlessMissing } from './failures.js';
import { type ConsumerPlan, jobsStream, type StreamPlan, streams } from './streams.js';

/** All that this client needs on the server; declared after each connect, as somebody may have deleted it meanwhile. */
export class Declarations {
  readonly #consumers = new Map<string, ConsumerPlan>();
  readonly #replicas: number;
  #keeper = '';
  /** The server that all this was declared on last. */
  #server: string | undefined;

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

  async declare(jsm: JetStreamManager, nc: NatsConnection): Promise<void> {
    const infos = await Promise.all(streams.map((plan) => declareStream(jsm, plan, this.#replicas)));
    const jobs = infos.find((info) => info.config.name === jobsStream.name);
    this.#keeper = `nats:${jobsStream.name}@${String(jobs?.created)}`;
    const lastSeqs = new Map(infos.map(({ config, state }) => [config.name, state.last_seq]));
    const consumers = [...this.#consumers.values()];
    await Promise.all(
      consumers.map((plan) => this.#declareConsumer({ nc, jsm, plan }, lastSeqs.get(plan.stream) ?? 0)),
    );
    this.#server = nc.info?.server_id;
  }

  async #declareConsumer(patient: Patient, lastSeq: number): Promise<void> {
    const { nc, jsm, plan } = patient;
    const info = await declareConsumer(jsm, plan);
    if (!info || (await restartIfAhead(patient, info, lastSeq))) return;
    // Each life of a server has an id of its own.
    if (nc.info?.server_id !== this.#server) await settleGhosts(patient, info);
  }
}

/**
 * Asks before it creates: in a cluster each creation, even of what exists, goes through the whole cluster, and all clients declare
 * when a broker comes back. A stream that exists with other limits is the operator's choice and stays so.
 */
async function declareStream(jsm: JetStreamManager, plan: StreamPlan, replicas: number): Promise<StreamInfo> {
  const info =
    (await jsm.streams.info(plan.name).catch(unlessMissing)) ??
    (await jsm.streams.add({ ...plan, num_replicas: replicas }).catch(unlessDiffering)) ??
    (await jsm.streams.info(plan.name));
  if (info.config.retention === plan.retention) return info;
  throw new TransportError(
    'broker.refused',
    `stream ${plan.name} exists with retention "${info.config.retention}" instead of "${plan.retention}"; delete or rename it`,
  );
}

/** What was there, if anything. */
async function declareConsumer(
  jsm: JetStreamManager,
  { stream, config }: ConsumerPlan,
): Promise<ConsumerInfo | undefined> {
  const info = await jsm.consumers.info(stream, config.durable_name).catch(unlessMissing);
  // A copy: the client writes into what it is given.
  if (!info) await jsm.consumers.add(stream, { ...config });
  else if (differs(info.config, config))
    await jsm.consumers.update(stream, config.durable_name, changeable(config));
  return info;
}

function differs(there: ConsumerConfig, wanted: ConsumerConfig): boolean {
  return there.ack_wait !== wanted.ack_wait || (there.description ?? '') !== (wanted.description ?? '');
}

function changeable({ ack_wait = 0, description = '' }: ConsumerConfig): Partial<ConsumerConfig> {
  return { ack_wait, description };
}

/** Another client was quicker. */
function unlessDiffering(error: unknown): undefined {
  if (apiErrorOf(error) !== apiErrors.streamDiffers) throw error;
}
