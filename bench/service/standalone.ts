import 'reflect-metadata';
import { embeddableGatewaySettings, startGateway } from '@heavylift/gateway';
import { runProcess, setting, startWorker } from '@heavylift/nestjs';
import { chatter, nothing } from './contract.ts';
import { BenchModule } from './worker-module.ts';

const settings = {
  ...embeddableGatewaySettings,
  concurrency: setting.concurrency,
  leaseRenewSeconds: setting.leaseRenewSeconds,
};

await runProcess('standalone', settings, async ({ concurrency = 1, ...all }, logger) => {
  const gateway = await startGateway(all, logger, [nothing, chatter]);
  const worker = await startWorker({ ...all, concurrency, logger, app: 'bench-worker', module: BenchModule });
  return {
    stop: async () => {
      await worker.stop();
      await gateway.stop();
    },
  };
});
