import { type DynamicModule, Module, type OnModuleDestroy } from '@nestjs/common';
import { ImagePool } from './image-pool.js';
import { ImageJobs } from './image.jobs.js';

@Module({})
export class ImageWorkerModule implements OnModuleDestroy {
  constructor(private readonly pool: ImagePool) {}

  /** One child process for each job that runs at a time. */
  static with(concurrency: number): DynamicModule {
    return {
      module: ImageWorkerModule,
      controllers: [ImageJobs],
      providers: [{ provide: ImagePool, useFactory: () => new ImagePool(concurrency) }],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.close();
  }
}
