import { randomUUID } from 'node:crypto';
import { resizeImage, type ResizeImagePayload } from '@heavylift/contracts';
import { encodeEvent, eventTopic, queuesOf, Worker } from '@heavylift/core';
import { createTransport } from '@heavylift/nestjs';
import { presence } from './presence.fixtures.js';

/** A worker for `image.resize` on the embedded broker of this process, without pictures: each job runs until it is told, or as `run` says. */
export interface EmbeddedWorker {
  readonly name: string;
  /** Ids of the jobs that were started. */
  readonly started: readonly string[];
  /** Ends all jobs that run now, well or with an error, and lets the next ones run until told again. */
  finish(error?: Error): void;
  /** From now on every job ends at once. */
  finishAll(): void;
  /** Says goodbye, and hands back what runs. */
  stop(): Promise<void>;
}

export async function startEmbeddedWorker(
  options: {
    readonly concurrency?: number;
    readonly name?: string;
    readonly run?: (payload: ResizeImagePayload) => Promise<object>;
  } = {},
): Promise<EmbeddedWorker> {
  const { concurrency = 1, name = `image-worker@test:${randomUUID().slice(0, 8)}` } = options;
  const transport = await createTransport('embedded:', name);
  const started: string[] = [];
  const running = new Set<(error?: Error) => void>();
  let endsAtOnce = false;
  const { name: _name, at: _at, state: _state, busy: _busy, running: _running, ...facts } = presence();
  const worker = new Worker(transport, {
    workerName: name,
    world: { now: () => new Date(), random: Math.random, id: randomUUID },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    processFacts: () => facts,
    publish: (event) => transport.publish(eventTopic(event), encodeEvent(event)),
    handlerFor: () => ({
      definition: resizeImage,
      run: (payload, job) =>
        new Promise((resolve, reject) => {
          started.push(job.id);
          if (options.run) return resolve(options.run(payload as ResizeImagePayload));
          if (endsAtOnce) return resolve({});
          const end = (error?: Error): void => (error ? reject(error) : resolve({}));
          running.add(end);
          job.signal.addEventListener('abort', () => end(job.signal.reason as Error));
        }),
    }),
  });
  await transport.connect(queuesOf('image.resize'));
  await worker.start(['image.resize'], concurrency);
  const finish = (error?: Error): void => {
    for (const end of running) end(error);
    running.clear();
  };
  return {
    name,
    started,
    finish,
    finishAll: () => {
      endsAtOnce = true;
      finish();
    },
    stop: async () => {
      await worker.drain(0);
      await transport.close();
    },
  };
}
