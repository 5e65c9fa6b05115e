import 'reflect-metadata';
import { runProcess } from '@heavylift/nestjs';
import { tidyHeap } from '@heavylift/nestjs/tidy-heap';
import { gatewaySettings } from './gateway-settings.js';
import { startGateway } from './start-gateway.js';
import { sqlitePath } from './store/sqlite/sqlite-path.js';

await runProcess('gateway', gatewaySettings, (settings, logger) => {
  // What loading left would be there beside all that the thread of a SQLite store loads: the start takes 128 MiB, not 145, for 40 ms.
  if (sqlitePath(settings.database)) tidyHeap();
  return startGateway(settings, logger);
});
