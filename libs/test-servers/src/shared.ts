import os from 'node:os';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { startRabbitmq, type RabbitmqServer } from './rabbitmq.ts';
import type { TestServer } from './test-server.ts';

interface Started {
  rabbitmq?: Promise<RabbitmqServer>;
  nats?: Promise<TestServer>;
  postgres?: Promise<TestServer>;
}

/** RabbitMQ for specs that never stop it: `TEST_RABBITMQ_URL`, or one that is started once for this process. */
export async function sharedRabbitmqUrl(): Promise<string> {
  return process.env['TEST_RABBITMQ_URL'] || (await rabbitmq()).url;
}

/**
 * The management API of that RabbitMQ, with user and password in it: `TEST_RABBITMQ_MANAGEMENT_URL`, or that of the
 * started one. Throws when only `TEST_RABBITMQ_URL` is set: the two must be the same server.
 */
export async function sharedRabbitmqManagementUrl(): Promise<string> {
  const url = process.env['TEST_RABBITMQ_MANAGEMENT_URL'];
  if (url) return url;
  if (process.env['TEST_RABBITMQ_URL'])
    throw new Error('set TEST_RABBITMQ_MANAGEMENT_URL beside TEST_RABBITMQ_URL');
  return (await rabbitmq()).managementUrl;
}

/** NATS with JetStream for specs that never stop it: `TEST_NATS_URL`, or one that is started once for this process. */
export async function sharedNatsUrl(): Promise<string> {
  return process.env['TEST_NATS_URL'] || (await (started().nats ??= startNats())).url;
}

/** PostgreSQL for specs that never stop it: `TEST_POSTGRES_URL`, or one that is started once for this process. */
export async function sharedPostgresUrl(): Promise<string> {
  return process.env['TEST_POSTGRES_URL'] || (await (started().postgres ??= startPostgres())).url;
}

function rabbitmq(): Promise<RabbitmqServer> {
  return (started().rabbitmq ??= startRabbitmq());
}

/**
 * Kept on a module of Node itself: Jest gives every spec file its own globals and its own copy of this module, and
 * each of them would start its own servers. Whatever is started here ends with the process.
 */
function started(): Started {
  const home = os as typeof os & { [key: symbol]: Started | undefined };
  return (home[Symbol.for('heavylift.test-servers')] ??= {});
}
