import { type DynamicModule, Global, Module, type Type } from '@nestjs/common';
import type { Registry } from 'prom-client';
import { Workspaces } from '../files/index.js';
import { HealthModule, type Probe } from '../health/index.js';
import { MetricsModule } from '../metrics/index.js';

/** Around the user's module: what its handlers may inject, and the HTTP side of a worker. */
@Global()
@Module({})
export class WorkerModule {
  static around(
    module: Type | DynamicModule,
    kit: { workspaces: Workspaces; probes: readonly Probe[]; registry: Registry },
  ): DynamicModule {
    return {
      module: WorkerModule,
      imports: [module, HealthModule.forRoot(kit.probes), MetricsModule.forRoot(kit.registry)],
      providers: [{ provide: Workspaces, useValue: kit.workspaces }],
      exports: [Workspaces],
    };
  }
}
