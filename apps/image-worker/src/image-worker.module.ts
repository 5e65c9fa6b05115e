import { type DynamicModule, Module, type OnModuleDestroy } from '@nestjs/common';
import { ImagePool } from './image-pool.js';
import { ImageJobs } from './image.jobs.js';

/** The worker sees to it that no more jobs run than it is told; that may become more than it began with. */
const mostConcurrency = 1_000;

@Module({})
export class ImageWorkerModule implements OnModuleDestroy {
  constructor(private readonly pool: ImagePool) {}

  /** One child process for each job that runs at a time. */
  static with(concurrency: number): DynamicModule {
    return {
      module: ImageWorkerModule,
      controllers: [ImageJobs],
      providers: [
        { provide: ImagePool, useFactory: () => new ImagePool(mostConcurrency, { mostIdle: concurrency }) },
      ],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.close();
  }
}
