import { describe, expect, it } from '@jest/globals';
import { parseAddress } from './address.js';

describe('NATS address', () => {
  it('reads one host', () => {
    expect(parseAddress('nats://localhost:4222')).toEqual({ servers: ['localhost:4222'], tls: false });
  });

  it('reads several hosts with one user, with or without the scheme repeated', () => {
    const expected = { servers: ['a:1', 'b:2', 'c'], tls: false, user: 'us:er', pass: 'p@ss,w' };
    expect(parseAddress('nats://us%3Aer:p%40ss%2Cw@a:1,b:2,c')).toEqual(expected);
    expect(parseAddress('nats://us%3Aer:p%40ss%2Cw@a:1,nats://b:2/,nats://c')).toEqual(expected);
  });

  it('takes a password with a bare percent sign as it stands', () => {
    expect(parseAddress('nats://me:100%@a')).toMatchObject({ pass: '100%' });
  });

  it('reads a token, and demands TLS by its scheme', () => {
    expect(parseAddress('tls://s3cret@a:1')).toEqual({ servers: ['a:1'], tls: true, token: 's3cret' });
  });

  it.each(['', 'nats://', 'http://a:1', 'nats://user:secret@', 'nats://user:secret@a:1,,b'])(
    'refuses "%s" without repeating the password',
    (url) => {
      expect(() => parseAddress(url)).toThrow(/nats:\/\/user:password@host:4222/);
      expect(() => parseAddress(url)).not.toThrow(/secret/);
    },
  );
});
