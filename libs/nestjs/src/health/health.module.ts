import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthProbes, type Probe } from './health-probes.js';

/** `/health/live` and `/health/ready`, the latter from the given probes. */
@Module({})
export class HealthModule {
  static forRoot(probes: readonly Probe[]): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ logger: false })],
      controllers: [HealthController],
      providers: [{ provide: HealthProbes, useValue: new HealthProbes(probes) }],
    };
  }
}
