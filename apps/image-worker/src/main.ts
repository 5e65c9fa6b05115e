import 'reflect-metadata';
import { runProcess, workerSettings } from '@heavylift/nestjs';
import { startImageWorker } from './start-image-worker.js';

await runProcess('image-worker', workerSettings, ({ host, port, ...settings }, logger) =>
  startImageWorker({ ...settings, logger, http: { host, port } }),
);
