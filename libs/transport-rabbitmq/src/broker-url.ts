import type { Options } from 'amqplib';
import { brokerError } from './broker-error.js';

/** Where a broker is. Print `name`, never `hosts`: those hold the password. */
export interface BrokerUrl {
  /** Hosts without credentials, like `h1:5672,h2:5672`. */
  readonly name: string;
  readonly vhost: string;
  /** One entry per host, to be tried in turn. */
  readonly hosts: readonly Options.Connect[];
}

/** A broker or client that says nothing is given up after two to three of them. */
const heartbeatSeconds = 5;
const urlPattern = /^(amqps?):\/\/(?:([^@/]*)@)?([^/?#]+)(?:\/([^?#]*))?(?:\?[^#]*)?$/;
const hostPattern = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/;

/**
 * Reads `amqp://user:pw@h1:5672,h2:5672/vhost`, `amqps://` likewise.
 * @throws {TransportError} `broker.refused`, without the credentials
 */
export function parseBrokerUrl(url: string): BrokerUrl {
  const [, protocol, login, hostList, path = ''] = urlPattern.exec(url) ?? [];
  if (!protocol || !hostList) throw malformed();
  const account = parseLogin(login);
  const hosts = hostList
    .split(',')
    .map((host) => ({ ...parseHost(host, protocol), ...account, vhost: path }));
  const name = hosts.map(({ hostname, port }) => `${hostname}:${port}`).join(',');
  return { name, vhost: path === '' ? '/' : decode(path), hosts };
}

function parseHost(host: string, protocol: string): Options.Connect & { hostname: string; port: number } {
  const [, hostname, port] = hostPattern.exec(host.trim()) ?? [];
  if (!hostname) throw malformed();
  return {
    protocol,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : protocol === 'amqps' ? 5671 : 5672,
    heartbeat: heartbeatSeconds,
  };
}

function parseLogin(login: string | undefined): { username?: string; password?: string } {
  if (!login) return {};
  const [username = '', ...password] = login.split(':');
  return { username: decode(username), password: decode(password.join(':')) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}

function malformed(): Error {
  return brokerError(
    'broker.refused',
    'the broker URL must look like amqp://user:password@host:5672,otherhost:5672/vhost, special characters percent-encoded',
  );
}
