/** Bare amqplib: a quorum queue, persistent messages, each confirmed. */
import { once } from 'node:events';
import { connect } from 'amqplib';
import { atATime, type Payload, playLine } from '../harness/line.ts';

const queue = 'bench.bare';

playLine(async () => {
  const connection = await connect(process.env.BROKER_URL!);
  const out = await connection.createConfirmChannel();
  await out.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  const publish = (body: Payload): Promise<void> =>
    new Promise((resolve, reject) => {
      const content = Buffer.from(JSON.stringify(body));
      out.sendToQueue(queue, content, { persistent: true }, (error: Error | null) =>
        error ? reject(error) : resolve(),
      );
    });
  return {
    send: publish,
    consume: async (handle) => {
      const channel = await connection.createChannel();
      await channel.prefetch(atATime);
      await channel.consume(queue, (message) => {
        handle(JSON.parse(message!.content.toString()) as Payload);
        channel.ack(message!);
      });
      return {
        stop: async () => {
          const closed = once(channel, 'close');
          await channel.close();
          await closed;
        },
      };
    },
  };
});
