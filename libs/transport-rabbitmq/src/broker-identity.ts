import type { ChannelModel } from 'amqplib';
import type { BrokerUrl } from './broker-url.js';

/**
 * The same for every connection to one broker and virtual host. A cluster is known by the hosts that are named for it, in whatever order: each of
 * its nodes tells another name for the cluster, its own, unless the operator has set one.
 */
export function keeperOf(model: ChannelModel, { hosts, name, vhost }: BrokerUrl): string {
  const { cluster_name: cluster, product, host } = model.connection.serverProperties;
  const broker = hosts.length > 1 ? name.split(',').sort().join(',') : (cluster ?? host ?? product);
  return `rabbitmq:${broker}${vhost.startsWith('/') ? '' : '/'}${vhost}`;
}
