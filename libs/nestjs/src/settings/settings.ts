import { type ApiKey, parseApiKeys } from './api-key.js';
import type { Setting } from './setting.js';

const brokerSchemes = ['amqp', 'amqps', 'nats', 'tls'];

/** The broker of a process that shares it with others; `embedded:` lives in one process only. */
export const sharedBrokerUrl: Setting<string> = {
  name: 'BROKER_URL',
  about: 'amqp://, amqps://, nats:// or tls:// (NATS); several hosts, comma-separated, for a cluster',
  takes:
    'amqp://, amqps://, nats:// or tls:// (NATS); embedded: lives inside one process, and this one must share its broker with others: use npm start for it',
  fallback: 'embedded:',
  parse: (text) => (isBrokerUrl(text) ? text : undefined),
};

export const brokerUrl: Setting<string> = {
  name: 'BROKER_URL',
  about:
    'embedded:, amqp://, amqps://, nats:// or tls:// (NATS); several hosts, comma-separated, for a cluster',
  takes: 'embedded:, amqp://, amqps://, nats:// or tls:// (NATS)',
  fallback: 'embedded:',
  parse: (text) => (text === 'embedded:' || isBrokerUrl(text) ? text : undefined),
};

function isBrokerUrl(text: string): boolean {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.+)$/.exec(text) ?? [];
  return brokerSchemes.includes(scheme) && !/\s/.test(rest);
}

export const databaseUrl: Setting<string> = {
  name: 'DATABASE_URL',
  about: 'sqlite:path or postgres://user:password@host:port/database; only the gateway has one',
  takes: 'sqlite:./path or postgres://user:password@host:port/database',
  fallback: 'sqlite:./.data/heavylift.db',
  parse: (text) => (/^sqlite:\S|^postgres(ql)?:\/\/\S/.test(text) ? text : undefined),
};

export const storageUrl: Setting<string> = {
  name: 'STORAGE_URL',
  about: 'file:path of the folder that keeps the files; gateway and workers share it',
  takes: 'file:./path',
  fallback: 'file:./.data/files',
  parse: (text) => (/^file:\S/.test(text) ? text : undefined),
};

export const host: Setting<string> = {
  name: 'HOST',
  about: 'address to listen on',
  takes: 'an address or host name',
  fallback: '127.0.0.1',
  parse: (text) => (/^[\w.:-]+$/.test(text) ? text : undefined),
};

export const port = (fallback: string): Setting<number> => ({
  name: 'PORT',
  about: 'port to listen on; 0 picks a free one',
  takes: 'a whole number from 0 to 65535',
  fallback,
  parse: wholeNumber(0, 65_535),
});

export const apiKeys: Setting<readonly ApiKey[] | undefined> = {
  name: 'API_KEYS',
  about:
    'name:scope+scope:key entries, comma-separated; scopes read, write, admin. With none set only loopback is served',
  takes:
    'name:scope+scope:key entries, comma-separated, with scopes read, write, admin and keys of 8 characters or more',
  fallback: undefined,
  secret: true,
  parse: parseApiKeys,
};

export const concurrency: Setting<number | undefined> = {
  name: 'CONCURRENCY',
  about:
    'jobs at a time in one worker process; by default half the cores for video, one and a half times the cores for images',
  takes: 'a whole number from 1 to 1000',
  fallback: undefined,
  parse: wholeNumber(1, 1_000),
};

export const maxUploadBytes: Setting<number> = {
  name: 'MAX_UPLOAD_BYTES',
  about: 'the largest file that is taken, in bytes; also the largest that is fetched from a URL',
  takes: 'a whole number from 1',
  fallback: String(2 * 1024 ** 3),
  parse: wholeNumber(1, Number.MAX_SAFE_INTEGER),
};

export const drainTimeoutSeconds: Setting<number> = {
  name: 'DRAIN_TIMEOUT_SECONDS',
  about: 'how long SIGTERM lets running jobs finish before they are handed back',
  takes: 'a whole number from 0 to 86400',
  fallback: '30',
  parse: wholeNumber(0, 86_400),
};

export const leaseRenewSeconds: Setting<number> = {
  name: 'LEASE_RENEW_SECONDS',
  about:
    "how often a worker renews its hold on a job that still runs; well under RabbitMQ's consumer_timeout (30 minutes)",
  takes: 'a whole number from 1 to 1800',
  fallback: '60',
  parse: wholeNumber(1, 1_800),
};

export const retentionDays: Setting<number> = {
  name: 'RETENTION_DAYS',
  about: 'how long a job is kept after its end, with its history and the files that it made; 0 keeps all',
  takes: 'a whole number of days from 0 to 36500',
  fallback: '30',
  parse: wholeNumber(0, 36_500),
};

export const allowPrivateSources: Setting<boolean> = {
  name: 'ALLOW_PRIVATE_SOURCES',
  about: 'true: sources on private, loopback and link-local addresses are fetched too',
  takes: 'true or false',
  fallback: 'false',
  parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};

function wholeNumber(min: number, max: number): (text: string) => number | undefined {
  return (text) => {
    const value = Number(text);
    return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
  };
}
