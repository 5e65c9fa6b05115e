import { type DynamicModule, Module, type OnModuleDestroy } from '@nestjs/common';
import { GenerateJobs } from './generate.jobs.js';
import { AbstractArt } from './generators/abstract-art.js';
import { ImageGenerator } from './generators/image-generator.js';
import { ImagesApi } from './generators/images-api.js';
import { ImagePool } from './image-pool.js';
import type { ImageGeneratorSettings } from './image-worker-settings.js';
import { ImageJobs } from './image.jobs.js';

@Module({})
export class ImageWorkerModule implements OnModuleDestroy {
  constructor(private readonly pool: ImagePool) {}

  /** `processes`: how many pictures are made at a time at most, however many jobs run. */
  static with(processes: number, settings: ImageGeneratorSettings): DynamicModule {
    return {
      module: ImageWorkerModule,
      controllers: [ImageJobs, GenerateJobs],
      providers: [
        { provide: ImagePool, useFactory: () => new ImagePool(processes) },
        {
          provide: ImageGenerator,
          inject: [ImagePool],
          useFactory: (pool: ImagePool) => generatorOf(settings, pool),
        },
      ],
    };
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.close();
  }
}

function generatorOf(settings: ImageGeneratorSettings, pool: ImagePool): ImageGenerator {
  const { generatorUrl: url, generatorKey: key, generatorModel: model } = settings;
  return url === undefined ? new AbstractArt(pool) : new ImagesApi({ url, key, model }, pool);
}
