import { TransportError } from '@heavylift/core';

/** Where to connect, and as whom. */
export interface Address {
  /** `host:port` each. */
  readonly servers: readonly string[];
  readonly tls: boolean;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

const scheme = /^(nats|tls):\/\//;

/**
 * Reads `nats://` or `tls://`, several hosts comma-separated; `user:password@` or `token@` may stand before any host.
 * @throws {TransportError} `broker.refused` when it is no such address; the message never repeats it, as it may hold a password
 */
export function parseAddress(url: string): Address {
  const hosts = url.split(',').map((part) => splitCredentials(part.trim().replace(scheme, '')));
  if (!scheme.test(url.trim()) || hosts.some(({ host }) => !/^[^\s/@]+$/.test(host)))
    throw new TransportError(
      'broker.refused',
      'the NATS address cannot be read; write it like nats://user:password@host:4222',
    );
  const credentials = hosts.map((each) => each.credentials).find((each) => each !== undefined);
  return {
    servers: hosts.map(({ host }) => host),
    tls: url.trim().startsWith('tls:'),
    ...(credentials === undefined ? {} : readCredentials(credentials)),
  };
}

function splitCredentials(part: string): { host: string; credentials?: string } {
  const bare = part.replace(/\/+$/, '');
  const at = bare.lastIndexOf('@');
  return at < 0 ? { host: bare } : { host: bare.slice(at + 1), credentials: bare.slice(0, at) };
}

function readCredentials(text: string): Pick<Address, 'user' | 'pass' | 'token'> {
  const colon = text.indexOf(':');
  if (colon < 0) return { token: decoded(text) };
  return { user: decoded(text.slice(0, colon)), pass: decoded(text.slice(colon + 1)) };
}

/** A password with a bare `%` was never percent-encoded: it is taken as it stands. */
function decoded(text: string): string {
  return /%(?![0-9a-f]{2})/i.test(text) ? text : decodeURIComponent(text);
}
