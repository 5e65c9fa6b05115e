import { type RunningApp, startWorker, type WorkerOptions } from '@heavylift/nestjs';
import { VideoWorkerModule } from './video-worker.module.js';

/** Starts a worker for `video.*` jobs. */
export function startVideoWorker(options: Omit<WorkerOptions, 'app' | 'module'>): Promise<RunningApp> {
  return startWorker({ ...options, app: 'video-worker', module: VideoWorkerModule });
}
