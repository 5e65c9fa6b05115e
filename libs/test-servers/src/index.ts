export type { TestServer } from './test-server.ts';
export { startRabbitmq, type RabbitmqOptions, type RabbitmqServer } from './rabbitmq.ts';
export { startNats, type NatsOptions, type NatsServer } from './nats.ts';
export type { ClusterNode, TestCluster } from './test-cluster.ts';
export { startRabbitmqCluster, type RabbitmqClusterOptions } from './rabbitmq-cluster.ts';
export { startNatsCluster, type NatsCluster } from './nats-cluster.ts';
export { startPostgres, type PostgresOptions, type PostgresServer } from './postgres.ts';
export { startRedis } from './redis.ts';
export {
  sharedNatsUrl,
  sharedPostgresUrl,
  sharedRabbitmqManagementUrl,
  sharedRabbitmqUrl,
} from './shared.ts';
export { provide, type Provision } from './provide.ts';
export { findProgram, type Program } from './programs.ts';
export { freePorts } from './free-ports.ts';
export { waitUntil, type Patience } from './deadline.ts';
