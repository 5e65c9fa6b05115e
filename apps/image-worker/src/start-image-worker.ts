import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import { ImageWorkerModule } from './image-worker.module.js';

/** Starts a worker for `image.*` jobs. */
export function startImageWorker(options: Omit<WorkerOptions, 'app' | 'module'>): Promise<RunningApp> {
  return startWorker({
    ...options,
    app: 'image-worker',
    module: ImageWorkerModule.with(options.concurrency),
  });
}
