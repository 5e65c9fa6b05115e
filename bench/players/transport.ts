/** Our adapter of the broker that `BROKER_URL` names, without anything above it; with `LANES`, on the three queues that each job type has. */
import { randomUUID } from 'node:crypto';
import { queuesOf, tiersOf } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { atATime, type Payload, playLine } from '../harness/line.ts';

const queue = process.env.LANES ? 'bench.lanes' : 'bench.transport';
const queues = process.env.LANES ? queuesOf(queue) : [{ name: queue }];
const tiers = process.env.LANES ? tiersOf([queue]) : [[queue]];
const text = new TextDecoder();

playLine(async () => {
  const transport = await createTransport(process.env.BROKER_URL!, `bench@${process.pid}`);
  await transport.connect(queues);
  return {
    send: (body) =>
      transport.send({
        id: randomUUID(),
        queue,
        type: 'bench.transport',
        attempt: 1,
        suspected: 0,
        release: 0,
        headers: {},
        body: Buffer.from(JSON.stringify(body)),
      }),
    consume: (handle) =>
      transport.consume(tiers, atATime, async ({ message }) => {
        handle(JSON.parse(text.decode(message.body)) as Payload);
        return { kind: 'complete' };
      }),
  };
});
