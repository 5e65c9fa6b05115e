import { availableParallelism } from 'node:os';
import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import type { ImageGeneratorSettings } from './image-worker-settings.js';
import { ImageWorkerModule } from './image-worker.module.js';

const cores = availableParallelism();
/** Half as many jobs more than pictures are made at a time: no core waits while a job fetches its source, stores its result, or is told as done. */
const defaultConcurrency = cores + Math.ceil(cores / 2);

/** Starts a worker for `image.*` jobs. Pictures are made as many at a time as there are cores, whatever the concurrency. */
export function startImageWorker(
  options: Omit<WorkerOptions, 'app' | 'module' | 'concurrency'> & {
    readonly concurrency: number | undefined;
  } & ImageGeneratorSettings,
): Promise<RunningApp> {
  const { concurrency = defaultConcurrency } = options;
  return startWorker({
    ...options,
    concurrency,
    app: 'image-worker',
    module: ImageWorkerModule.with(cores, options),
  });
}
