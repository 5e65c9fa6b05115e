import { availableParallelism } from 'node:os';
import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import type { ImageGeneratorSettings } from './image-worker-settings.js';
import { ImageWorkerModule } from './image-worker.module.js';

/** Starts a worker for `image.*` jobs. By default as many at a time as there are cores. */
export function startImageWorker(
  options: Omit<WorkerOptions, 'app' | 'module' | 'concurrency'> & {
    readonly concurrency: number | undefined;
  } & ImageGeneratorSettings,
): Promise<RunningApp> {
  const concurrency = options.concurrency ?? availableParallelism();
  return startWorker({
    ...options,
    concurrency,
    app: 'image-worker',
    module: ImageWorkerModule.with(concurrency, options),
  });
}
