import { availableParallelism } from 'node:os';
import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import { VideoWorkerModule } from './video-worker.module.js';

/** An encoder keeps about two cores busy. */
const defaultConcurrency = Math.max(1, Math.floor(availableParallelism() / 2));

/** Starts a worker for `video.*` jobs. */
export function startVideoWorker(
  options: Omit<WorkerOptions, 'app' | 'module' | 'concurrency'> & {
    readonly concurrency: number | undefined;
  },
): Promise<RunningApp> {
  const concurrency = options.concurrency ?? defaultConcurrency;
  return startWorker({ ...options, concurrency, app: 'video-worker', module: VideoWorkerModule });
}
