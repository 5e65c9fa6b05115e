import type { ConnectionOptions } from 'nats';
import type { Address } from './address.js';

/** How the client of the broker is set up. */
export function clientOptions(address: Address, clientName: string): ConnectionOptions {
  return {
    ...credentials(address),
    servers: [...address.servers],
    name: clientName,
    timeout: 3_000,
    maxReconnectAttempts: -1,
    // Otherwise two refusals in a row, as during a change of passwords, would end the client for ever.
    ignoreAuthErrorAbort: true,
    // Jitter, so that all clients of a broker that comes back do not come at once.
    reconnectDelayHandler: () => 100 + Math.random() * 900,
    // The default would take minutes to notice a broker that is frozen.
    pingInterval: 3_000,
    maxPingOut: 2,
    noAsyncTraces: true,
  };
}

function credentials({ user, pass, token, tls }: Address): ConnectionOptions {
  return {
    ...(user === undefined ? {} : { user, pass: pass ?? '' }),
    ...(token === undefined ? {} : { token }),
    // An empty object demands TLS; without one the server decides.
    ...(tls ? { tls: {} } : {}),
  };
}
