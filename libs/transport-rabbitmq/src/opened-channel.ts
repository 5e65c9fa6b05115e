import type { Channel } from 'amqplib';
import { brokerError } from './broker-error.js';
import { atMost } from './at-most.js';
import type { Opened } from './reopening.js';

const closeTimeoutMs = 2_000;

/** A channel with its end observed: an unheard `error` would end the process, and a second `close` would throw. */
export async function openChannel<C extends Channel>(create: () => Promise<C>): Promise<Opened<C>> {
  const channel = await create();
  let over = false;
  let reason: Error | undefined;
  channel.on('error', (error: Error) => (reason = error));
  const ended = new Promise<Error>((resolve) => {
    channel.once('close', () => {
      over = true;
      resolve(brokerError('broker.unreachable', 'the channel has ended', reason));
    });
  });
  // An unanswered close is left to the heartbeat: it ends the connection, and with it the channel.
  const close = async (): Promise<void> => {
    if (!over) await atMost(closeTimeoutMs, Promise.race([ended, channel.close()]));
  };
  let closing: Promise<void> | undefined;
  return { value: channel, ended, close: () => (closing ??= close()) };
}
