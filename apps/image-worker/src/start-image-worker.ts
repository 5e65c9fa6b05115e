import { availableParallelism } from 'node:os';
import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import { ImageWorkerModule } from './image-worker.module.js';

/** Starts a worker for `image.*` jobs. By default as many at a time as there are cores. */
export function startImageWorker(
  options: Omit<WorkerOptions, 'app' | 'module' | 'concurrency'> & {
    readonly concurrency: number | undefined;
  },
): Promise<RunningApp> {
  const concurrency = options.concurrency ?? availableParallelism();
  return startWorker({
    ...options,
    concurrency,
    app: 'image-worker',
    module: ImageWorkerModule.with(concurrency),
  });
}
