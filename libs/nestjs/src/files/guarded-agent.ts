import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressRule } from './public-address.js';
import { privateAddress } from './source-errors.js';

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Milliseconds to wait for a connection, for an answer's head, and for each further piece of its body. */
export interface AgentOptions {
  readonly timeoutMs: number;
}

/**
 * An HTTP agent that connects only where the rule allows. The check is made on the very address that is connected to, for each connection, so a name
 * that leads elsewhere the second time does not get around it. A refused connection fails with the error `source.private_address`.
 * Follows no redirects. Its owner closes it.
 */
export function guardedAgent(isAllowed: AddressRule, { timeoutMs }: AgentOptions): Agent {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: guardedLookup(isAllowed) });
  return new Agent({
    allowH2: false,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: (options, done) => {
      // Node asks no lookup for a host that is an address already.
      if (isIP(options.hostname) !== 0 && !isAllowed(options.hostname))
        done(privateAddress(options.hostname), null);
      else connect(options, done);
    },
  });
}

/** Node's own lookup of names, which fails when any address that a name leads to is not allowed. */
export function guardedLookup(isAllowed: AddressRule) {
  return (host: string, options: LookupOptions, done: LookupDone): void => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) done(error ?? new Error(`${host} has no address`), []);
      else if (!addresses.every(({ address }) => isAllowed(address))) done(privateAddress(host), []);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
