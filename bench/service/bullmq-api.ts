/** What accepting costs without us: Fastify, a check of the shape by JSON Schema, and BullMQ's `add` before the answer. */
import { Queue } from 'bullmq';
import Fastify from 'fastify';

const { hostname: host, port } = new URL(process.env.REDIS_URL!);
const queue = new Queue('bench.accept', { connection: { host, port: Number(port) } });
const job = {
  type: 'object',
  required: ['type', 'payload'],
  properties: { type: { type: 'string' }, payload: { type: 'object' } },
} as const;
const batch = {
  type: 'object',
  required: ['jobs'],
  properties: { jobs: { type: 'array', items: job } },
} as const;

interface Job {
  readonly type: string;
  readonly payload: object;
}

const app = Fastify();
app.post<{ Body: Job }>('/v1/jobs', { schema: { body: job } }, async ({ body }, reply) => {
  const { id } = await queue.add(body.type, body.payload);
  return reply.code(202).send({ id });
});
app.post<{ Body: { readonly jobs: readonly Job[] } }>(
  '/v1/jobs/batch',
  { schema: { body: batch } },
  async ({ body }, reply) => {
    const added = await queue.addBulk(body.jobs.map(({ type, payload }) => ({ name: type, data: payload })));
    return reply.code(202).send({ items: added.map(({ id }) => ({ id })) });
  },
);
const url = await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ url }));
process.on('SIGTERM', () => {
  void Promise.all([app.close(), queue.close()]).then(() => process.exit());
});
