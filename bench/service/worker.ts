import 'reflect-metadata';
import { runProcess, startWorker, workerSettings } from '@heavylift/nestjs';
import { BenchModule } from './worker-module.ts';

await runProcess('bench-worker', workerSettings, ({ host, port, concurrency = 1, ...settings }, logger) =>
  startWorker({
    ...settings,
    concurrency,
    logger,
    http: { host, port },
    app: 'bench-worker',
    module: BenchModule,
  }),
);
