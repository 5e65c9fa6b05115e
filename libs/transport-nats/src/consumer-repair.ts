import { type ConsumerInfo, DeliverPolicy, type JetStreamManager, type NatsConnection } from 'nats';
import { unlessMissing } from './failures.js';
import type { ConsumerPlan } from './streams.js';

/**
 * A nats-server that was killed may come back with a stream and its consumers from different moments (seen with 2.9.10, each in one of some
 * fifty kills). One that has forgotten the numbers of a stream that was empty counts from 1 again, and its consumers pass over all that comes
 * up to the number that they have seen. And one that has forgotten that a message was settled waits for its settlement, although it is gone:
 * each time that its lease is over, the consumer stumbles over it, and a few of these are enough to keep it from all that follows.
 */
export interface Patient {
  readonly nc: NatsConnection;
  readonly jsm: JetStreamManager;
  readonly plan: ConsumerPlan;
}

/** Makes a consumer anew that has seen more than its stream has ever held. Says whether it did. */
export async function restartIfAhead(
  patient: Patient,
  info: ConsumerInfo,
  lastSeq: number,
): Promise<boolean> {
  const seen = info.delivered.stream_seq;
  if (seen <= lastSeq) return false;
  const { jsm, plan } = patient;
  // The stream once more, after its consumer: else what came between the two questions would look like it.
  if (seen <= (await jsm.streams.info(plan.stream)).state.last_seq) return false;
  const { durable_name: durable } = plan.config;
  await jsm.consumers.delete(plan.stream, durable).catch(unlessMissing);
  await jsm.consumers.add(plan.stream, { ...plan.config, deliver_policy: DeliverPolicy.All });
  return true;
}

/** Settles what a consumer waits for and its stream does not hold. For one that is not ahead of it: else the numbers would come again. */
export async function settleGhosts({ nc, jsm, plan }: Patient, info: ConsumerInfo): Promise<void> {
  if (info.num_ack_pending === 0) return;
  const { state } = await jsm.streams.info(plan.stream, { deleted_details: true });
  const last = info.delivered.stream_seq;
  if (last > state.last_seq) return;
  const deleted = new Set(state.deleted ?? []);
  for (let seq = info.ack_floor.stream_seq + 1; seq <= last; seq++)
    if (seq < state.first_seq || deleted.has(seq)) nc.publish(settlementOf(plan, seq), '+ACK');
  await nc.flush();
}

/** As a message says where its settlement goes; only the number of the message is looked at. */
function settlementOf({ stream, config }: ConsumerPlan, seq: number): string {
  return `$JS.ACK.${stream}.${config.durable_name}.1.${seq}.${seq}.0.0`;
}
