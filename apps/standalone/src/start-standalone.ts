import { type GatewaySettings, startGateway } from '@heavylift/gateway';
import { type ImageGeneratorSettings, startImageWorker } from '@heavylift/image-worker';
import type { AppLogger, RunningApp } from '@heavylift/nestjs';
import { startVideoWorker } from '@heavylift/video-worker';

/** The whole system in one process: gateway, video worker, image worker, on any broker or none. */
export async function startStandalone(
  settings: GatewaySettings &
    ImageGeneratorSettings & {
      readonly concurrency: number | undefined;
      readonly leaseRenewSeconds: number;
    },
  logger: AppLogger,
): Promise<RunningApp> {
  const gateway = await startGateway(settings, logger);
  const workers = await Promise.all([
    startVideoWorker({ ...settings, logger }),
    startImageWorker({ ...settings, logger }),
  ]);
  logger.info(`Heavylift is ready: open ${gateway.url}`);
  return {
    stop: async () => {
      // Workers first: what they finish is still recorded.
      await Promise.all(workers.map((worker) => worker.stop()));
      await gateway.stop();
    },
  };
}
