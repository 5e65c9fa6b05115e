/** Bare nats: a work-queue stream on disk, each message acknowledged by the server. */
import { AckPolicy, connect, RetentionPolicy, StorageType } from 'nats';
import { atATime, type Payload, playLine } from '../harness/line.ts';

const name = 'BENCH_BARE';
const subject = 'bench.bare';

playLine(async () => {
  const connection = await connect({ servers: process.env.BROKER_URL! });
  const manager = await connection.jetstreamManager();
  const stream = {
    name,
    subjects: [subject],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
  };
  // Both sides of the contestant make it: whoever comes second finds it there.
  await manager.streams.add(stream).catch(() => manager.streams.info(name));
  await manager.consumers.add(name, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1_000,
  });
  const jetstream = connection.jetstream();
  return {
    send: (body) => jetstream.publish(subject, JSON.stringify(body)),
    consume: async (handle) => {
      const consumer = await jetstream.consumers.get(name, name);
      const messages = await consumer.consume({ max_messages: atATime });
      const ended = (async () => {
        for await (const message of messages) {
          handle(message.json<Payload>());
          message.ack();
        }
      })();
      return {
        stop: async () => {
          await messages.close();
          await ended;
          await connection.flush();
        },
      };
    },
  };
});
