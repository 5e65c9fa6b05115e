import { describe, expect, it } from '@jest/globals';
import { TransportError } from '@heavylift/core';
import { parseBrokerUrl } from './broker-url.js';

describe('parseBrokerUrl', () => {
  it('reads several hosts with one account', () => {
    const { name, vhost, hosts } = parseBrokerUrl('amqp://user:p%40ss:word@h1:5673,h2/media');
    expect(name).toBe('h1:5673,h2:5672');
    expect(vhost).toBe('media');
    expect(hosts).toMatchObject([
      {
        protocol: 'amqp',
        hostname: 'h1',
        port: 5673,
        username: 'user',
        password: 'p@ss:word',
        vhost: 'media',
      },
      {
        protocol: 'amqp',
        hostname: 'h2',
        port: 5672,
        username: 'user',
        password: 'p@ss:word',
        vhost: 'media',
      },
    ]);
  });

  it('has the usual defaults', () => {
    const { vhost, hosts } = parseBrokerUrl('amqps://broker.example');
    expect(vhost).toBe('/');
    expect(hosts).toMatchObject([{ protocol: 'amqps', hostname: 'broker.example', port: 5671 }]);
    expect(hosts[0]).not.toHaveProperty('username');
  });

  it('reads IPv6 addresses and encoded virtual hosts', () => {
    const { vhost, hosts } = parseBrokerUrl('amqp://[::1]:5672/%2Fteam');
    expect(vhost).toBe('/team');
    expect(hosts[0]).toMatchObject({ hostname: '::1', port: 5672 });
  });

  it.each([
    '',
    'nats://h',
    'amqp://',
    'amqp://u:secret@h:port',
    'amqp://u:secret%@h',
    'amqp://u:secret@h1,,h2',
  ])('refuses "%s" without telling the password', (url) => {
    const parse = (): unknown => parseBrokerUrl(url);
    expect(parse).toThrow(TransportError);
    expect(parse).not.toThrow(/secret/);
  });
});
