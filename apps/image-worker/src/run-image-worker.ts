import 'reflect-metadata';
import { runProcess } from '@heavylift/nestjs';
import { imageWorkerSettings } from './image-worker-settings.js';
import { startImageWorker } from './start-image-worker.js';

await runProcess('image-worker', imageWorkerSettings, ({ host, port, ...settings }, logger) =>
  startImageWorker({ ...settings, logger, http: { host, port } }),
);
