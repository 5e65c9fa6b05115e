import { Controller, Get, Header } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { askProbe } from './ask-probe.js';
import { HealthProbes, type Probe } from './health-probes.js';

/** Terminus would load `@nestjs/swagger`, 530 files, wherever that is installed; the gateway's document asks for its words when it is made. */
const quiet = { noCache: true, swaggerDocumentation: false };

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly probes: HealthProbes,
  ) {}

  /** The process runs. */
  @Get('live')
  @Header('Cache-Control', 'no-store')
  @HealthCheck(quiet)
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** The process can do its work; names each thing that it needs, and its state. */
  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @HealthCheck(quiet)
  ready(): Promise<HealthCheckResult> {
    return this.health.check(
      this.probes.all.map(
        (probe): HealthIndicatorFunction =>
          () =>
            this.ask(probe),
      ),
    );
  }

  private async ask(probe: Probe): Promise<HealthIndicatorResult> {
    const { status, ...facts } = await askProbe(probe);
    const indicator = this.indicators.check(probe.name);
    if (status === 'up') return indicator.up(facts);
    return status === 'down' ? indicator.down(facts) : indicator.degraded(facts);
  }
}
