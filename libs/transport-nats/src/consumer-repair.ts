import { type ConsumerInfo, DeliverPolicy, type JetStreamManager, type NatsConnection } from 'nats';
import { apiErrorOf, apiErrors, unlessMissing } from './failures.js';
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

const mostAsked = 10_000;
const askedAtOnce = 200;

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

/**
 * Settles what a consumer waits for and its stream does not hold. For one that is not ahead of its stream: else the numbers would come again.
 *
 * Asks for each number by itself, and so only for the first ten thousand that the consumer may wait for. The quicker questions do not tell the
 * truth: of 2.9.10's list of gaps whole runs are missing, and its search for the next message of a subject passes over some that are there.
 */
export async function settleGhosts(patient: Patient, info: ConsumerInfo): Promise<void> {
  if (info.num_ack_pending === 0) return;
  const { nc, jsm, plan } = patient;
  const [first, last] = [info.ack_floor.stream_seq + 1, info.delivered.stream_seq];
  if (last > (await jsm.streams.info(plan.stream)).state.last_seq) return;
  for (let from = first; from <= last && from < first + mostAsked; from += askedAtOnce) {
    const seqs = Array.from({ length: Math.min(askedAtOnce, last - from + 1) }, (_, at) => from + at);
    const held = await Promise.all(seqs.map((seq) => holds(patient, seq)));
    seqs.filter((_, at) => !held[at]).forEach((seq) => nc.publish(settlementOf(plan, seq), '+ACK'));
  }
  await nc.flush();
}

async function holds({ jsm, plan }: Patient, seq: number): Promise<boolean> {
  try {
    await jsm.streams.getMessage(plan.stream, { seq });
    return true;
  } catch (error) {
    if (apiErrorOf(error) === apiErrors.messageNotFound) return false;
    throw error;
  }
}

/** As a message says where its settlement goes; only the number of the message is looked at. */
function settlementOf({ stream, config }: ConsumerPlan, seq: number): string {
  return `$JS.ACK.${stream}.${config.durable_name}.1.${seq}.${seq}.0.0`;
}
