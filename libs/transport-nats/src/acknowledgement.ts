import type { Msg } from 'nats';
import type { Connection, Session } from './connection.js';
import { publishAll } from './publish-all.js';

/** What the reply subject of a JetStream message tells. */
export interface HandOver {
  /** How often the server has handed the message on, this time included. */
  readonly deliveries: number;
  /** The message's number in its stream. */
  readonly seq: number;
  /** When the stream took it in, in milliseconds since 1970 by the server's clock. */
  readonly storedAt: number;
}

const answerMs = 4_000;
const done = '+ACK';
const inWork = '+WPI';
const [doneBytes, inWorkBytes] = [Buffer.from(done), Buffer.from(inWork)];

/** Tells the server that the message is done, and waits until it knows. Safe to repeat. */
export function acknowledge(connection: Connection, message: Msg): Promise<void> {
  return acknowledgeAll(connection, [message]);
}

/** As `acknowledge`, for messages of one consumer. */
export async function acknowledgeAll(connection: Connection, messages: readonly Msg[]): Promise<void> {
  await acknowledgeOn(connection.ready ?? (await connection.session(answerMs)), messages);
}

/** As `acknowledgeAll`, sent before it returns. The server reads in order: once it confirms the last one, it knows of all. */
export async function acknowledgeOn({ nc, answers }: Session, messages: readonly Msg[]): Promise<void> {
  const last = messages.at(-1);
  if (!last) return;
  publishAll(nc, messages.slice(0, -1).map(replyOf), done);
  await answers.ask({ subject: replyOf(last), data: doneBytes, timeoutMs: answerMs });
}

/** Tells the server that the message is still in work, and waits until it knows. */
export async function renew(connection: Connection, message: Msg, timeoutMs: number): Promise<void> {
  await connection.bare.answers.ask({ subject: replyOf(message), data: inWorkBytes, timeoutMs });
}

/** As `renew`, without waiting. */
export function renewSoon(connection: Connection, message: Msg): void {
  if (!connection.nc.isClosed()) connection.nc.publish(replyOf(message), inWork);
}

/** Asks for the message again after `delayMs`. Not confirmed: without it, the message comes after the lease. */
export function putOff(connection: Connection, message: Msg, delayMs: number): void {
  const nanoseconds = Math.ceil(delayMs) * 1_000_000;
  connection.nc.publish(replyOf(message), `-NAK ${JSON.stringify({ delay: nanoseconds })}`);
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<seq>.<seq>.<nanoseconds>.<pending>`; newer servers put two tokens before the stream. */
export function handOverOf(message: Msg): HandOver {
  const tokens = replyOf(message).split('.');
  const first = tokens.length > 9 ? 6 : 4;
  return {
    deliveries: Number(tokens[first]),
    seq: Number(tokens[first + 1]),
    storedAt: Number(tokens[first + 3]) / 1_000_000,
  };
}

function replyOf(message: Msg): string {
  if (message.reply === undefined)
    throw new Error(`message on ${message.subject} did not come from JetStream`);
  return message.reply;
}
