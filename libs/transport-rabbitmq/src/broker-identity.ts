import type { ChannelModel } from 'amqplib';

/** The same for every connection to one cluster and virtual host, whatever the host's address. */
export function keeperOf(model: ChannelModel, vhost: string): string {
  const { cluster_name: cluster, product, host } = model.connection.serverProperties;
  return `rabbitmq:${cluster ?? host ?? product}${vhost.startsWith('/') ? '' : '/'}${vhost}`;
}
