/** Our adapter of the broker that `BROKER_URL` names, without anything above it. */
import { randomUUID } from 'node:crypto';
import { createTransport } from '@heavylift/nestjs';
import { atATime, type Payload, playLine } from '../harness/line.ts';

const queue = 'bench.transport';
const text = new TextDecoder();

playLine(async () => {
  const transport = await createTransport(process.env.BROKER_URL!, `bench@${process.pid}`);
  await transport.connect([{ name: queue }]);
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
      transport.consume([[queue]], atATime, async ({ message }) => {
        handle(JSON.parse(text.decode(message.body)) as Payload);
        return { kind: 'complete' };
      }),
  };
});
