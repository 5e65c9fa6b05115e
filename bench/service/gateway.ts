import 'reflect-metadata';
import { gatewaySettings, startGateway } from '@heavylift/gateway';
import { runProcess } from '@heavylift/nestjs';
import { chatter, nothing } from './contract.ts';

await runProcess('gateway', gatewaySettings, (settings, logger) =>
  startGateway(settings, logger, [nothing, chatter]),
);
