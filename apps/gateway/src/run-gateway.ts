import 'reflect-metadata';
import { runProcess } from '@heavylift/nestjs';
import { gatewaySettings } from './gateway-settings.js';
import { startGateway } from './start-gateway.js';

await runProcess('gateway', gatewaySettings, startGateway);
