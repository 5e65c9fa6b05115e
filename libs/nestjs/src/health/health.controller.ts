import { Controller, Get, Header } from '@nestjs/common';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { HealthProbes, type Probe } from './health-probes.js';

const probeTimeoutMs = 5_000;
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
    const indicator = this.indicators.check(probe.name);
    try {
      return indicator.up((await withinTime(probe)) ?? {});
    } catch (error) {
      const facts = { message: error instanceof Error ? error.message : String(error) };
      return probe.severity === 'down' ? indicator.down(facts) : indicator.degraded(facts);
    }
  }
}

async function withinTime(probe: Probe): Promise<Readonly<Record<string, unknown>> | void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${probe.name} did not answer within ${probeTimeoutMs / 1000} s`)),
      probeTimeoutMs,
    );
  });
  try {
    return await Promise.race([probe.check(), late]);
  } finally {
    clearTimeout(timer);
  }
}
