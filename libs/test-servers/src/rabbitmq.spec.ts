import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { startRabbitmq, type RabbitmqServer } from './rabbitmq.ts';

const BOOT_MS = 100_000;

// A quorum queue is entered in a register that reaches the disk up to a second later. A node that is killed before
// comes back with the queue's name and without its replica, and every call on the queue hangs.
const QUEUE_REGISTERED_MS = 2_000;

describe('a RabbitMQ for tests', () => {
  let server: RabbitmqServer;

  beforeAll(async () => {
    server = await startRabbitmq({ config: ['consumer_timeout = 15000'] });
  }, BOOT_MS);
  afterAll(() => server.stop());

  it(
    'is killed, refuses clients, and starts again on its port with the confirmed message',
    async () => {
      await publish(server.url, 'survives');
      await delay(QUEUE_REGISTERED_MS);
      await server.kill();
      await expect(connect(server.url)).rejects.toThrow();
      await server.start();
      expect(await take(server.url)).toBe('survives');
    },
    BOOT_MS,
  );

  it(
    'tells its clients before a polite restart',
    async () => {
      const connection = await connect(server.url);
      const told = new Promise<Error>((resolve) => connection.once('close', resolve));
      await server.restart();
      expect((await told).message).toContain('CONNECTION-FORCED');
    },
    BOOT_MS,
  );

  it('takes the extra settings and answers rabbitmqctl and the management API', async () => {
    expect(await server.ctl('eval', 'application:get_env(rabbit, consumer_timeout).')).toContain('15000');
    const { username, password, origin } = new URL(server.managementUrl);
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const overview = await fetch(`${origin}/api/overview`, { headers: { authorization } });
    expect(overview.status).toBe(200);
  });
});

async function publish(url: string, text: string): Promise<void> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  channel.sendToQueue('kept', Buffer.from(text), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

async function take(url: string): Promise<string | undefined> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createChannel();
  const message = await channel.get('kept', { noAck: true });
  await connection.close();
  return message ? message.content.toString() : undefined;
}
