import { join } from 'node:path';
import { firstAnswer } from './probe.ts';
import { findEpmd } from './programs.ts';

/** Where one node listens, and where it finds the port mapper. */
export interface NodePorts {
  readonly amqp: number;
  readonly distribution: number;
  readonly epmd: number;
}

const AMQP_GREETING = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1');

/** What the scripts of RabbitMQ take from the environment: everything of this node lies in `folder`. */
export function environment(folder: string, ports: NodePorts): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: folder,
    RABBITMQ_NODENAME: nodeName(ports),
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'env.conf'),
    // Two schedulers that do not spin: test machines are small, and several nodes may run at once. What a queue dead-letters in the moment of
    // a restart is sent again after this timeout; its default of three minutes is too long to wait for in a test.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none ' +
      '-rabbit dead_letter_worker_publisher_confirm_timeout 2000',
    // The script then becomes the server instead of minding it, so signals reach the right process.
    RUNNING_UNDER_SYSTEMD: 'true',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(ports.epmd),
  };
}

/** True once clients are served: an open port alone proves little. */
export async function speaksAmqp(port: number): Promise<boolean> {
  return (await firstAnswer(port, AMQP_GREETING))[0] === 1;
}

export function nodeName(ports: NodePorts): string {
  return `heavylift-${ports.amqp}@localhost`;
}

/** The port mapper's file. */
export function epmd(): string {
  const file = findEpmd();
  if (!file) throw new Error('no epmd found, which comes with Erlang: install erlang-base');
  return file;
}
