import 'reflect-metadata';
import { runProcess, workerSettings } from '@heavylift/nestjs';
import { startVideoWorker } from './start-video-worker.js';

await runProcess('video-worker', workerSettings, ({ host, port, ...settings }, logger) =>
  startVideoWorker({ ...settings, logger, http: { host, port } }),
);
