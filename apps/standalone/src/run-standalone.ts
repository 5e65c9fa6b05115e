import 'reflect-metadata';
import { embeddableGatewaySettings } from '@heavylift/gateway';
import { imageGeneratorSettings } from '@heavylift/image-worker';
import { runProcess, setting } from '@heavylift/nestjs';
import { startStandalone } from './start-standalone.js';

await runProcess(
  'standalone',
  {
    ...embeddableGatewaySettings,
    concurrency: setting.concurrency,
    leaseRenewSeconds: setting.leaseRenewSeconds,
    ...imageGeneratorSettings,
  },
  startStandalone,
);
