/** BullMQ on a Redis that keeps what it holds; the results of the last 1,000 jobs are kept. */
import { Queue, Worker } from 'bullmq';
import { atATime, type Payload, playLine } from '../harness/line.ts';

const name = 'bench';
const { hostname: host, port } = new URL(process.env.REDIS_URL!);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };

playLine(async () => {
  const queue = new Queue<Payload>(name, { connection });
  await queue.waitUntilReady();
  return {
    send: (body) => queue.add('nothing', body, { removeOnComplete: { count: 1_000 } }),
    consume: async (handle) => {
      const run = async ({ data }: { readonly data: Payload }): Promise<object> => {
        handle(data);
        return {};
      };
      const worker = new Worker<Payload>(name, run, { connection, concurrency: atATime, autorun: false });
      await worker.waitUntilReady();
      const running = worker.run();
      return {
        stop: async () => {
          await worker.close();
          await running;
        },
      };
    },
  };
});
