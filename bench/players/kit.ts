/** The worker kit on our adapter, with nobody to tell of starts and ends: what a handler costs before anything is tracked. */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { decodeSignal, encodeCommand, encodeSignal } from '@heavylift/core';
import { createLogger, createTransport, JobsServer, processName, realWorld } from '@heavylift/nestjs';
import { NestFactory } from '@nestjs/core';
import { atATime, playLine } from '../harness/line.ts';
import { nothing } from '../service/contract.ts';
import { NothingModule, onNothing } from '../service/nothing.jobs.ts';

const workerName = processName('bench');

playLine(async () => {
  const transport = await createTransport(process.env.BROKER_URL!, workerName);
  await transport.connect([{ name: nothing.name }]);
  return {
    send: (payload) => transport.send(messageOf(payload)),
    consume: async (handle) => {
      onNothing(handle);
      const own = await createTransport(process.env.BROKER_URL!, workerName);
      // A worker greets the gateways and waits for an answer; here this is the only one who could give it.
      const signals = await transport.onSignal((body) => {
        if (decodeSignal(body).kind === 'hello') void transport.signal(nobodyEnded());
      });
      const server = new JobsServer({
        transport: own,
        concurrency: atATime,
        environment: {
          workerName,
          logger: await createLogger('bench'),
          world: realWorld,
          publish: async () => {},
        },
      });
      const app = await NestFactory.createMicroservice(NothingModule, {
        strategy: server,
        logger: ['error'],
      });
      await app.listen();
      return {
        stop: async () => {
          await server.drain(10_000);
          await own.close();
          await app.close();
          await signals.stop();
        },
      };
    },
  };
});

function messageOf(payload: object): Parameters<Awaited<ReturnType<typeof createTransport>>['send']>[0] {
  const id = randomUUID();
  const command = {
    id,
    jobType: nothing.name,
    version: nothing.version,
    payload,
    maxAttempts: 3,
    timeoutMs: nothing.timeoutMs,
    source: '/bench',
    time: new Date().toISOString(),
  };
  const route = { queue: nothing.name, type: `heavylift.job.${nothing.name}.v${nothing.version}` };
  return { id, ...route, attempt: 1, suspected: 0, release: 0, headers: {}, body: encodeCommand(command) };
}

function nobodyEnded(): Uint8Array {
  return encodeSignal({ kind: 'ended', jobs: [] }, { id: randomUUID(), source: workerName });
}
