import { describe, expect, it } from '@jest/globals';
import { checkSourceUrl } from './check-source-url.js';

const isPrivate = /is not on the public internet; use a public address, or set ALLOW_PRIVATE_SOURCES=true$/;
const isNoHttp = /it takes http:\/\/ or https:\/\/$/;
const hasUserinfo = /must hold no user name or password$/;

describe('checkSourceUrl', () => {
  it.each([
    'http://example.com/a.mp4',
    'https://example.com:8443/a.mp4?x=1#y',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://localhost.example.com/',
    'https://notlocalhost/',
  ])('takes %s', (url) => expect(checkSourceUrl(url, false)).toBeUndefined());

  it.each([
    'http://127.0.0.1/',
    'http://127.0.0.1./',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://①②⑦.0.0.1/',
    'http://127.0.0.1#@example.com/',
    'http:\\\\127.0.0.1\\',
    'http:127.0.0.1',
    'http://0/',
    'http://0.0.0.0/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fc00::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://localhost/',
    'http://LOCALHOST:3000/',
    'http://localhost./',
    'http://api.localhost/',
  ])('refuses %s, which is surely private', (url) => expect(checkSourceUrl(url, false)).toMatch(isPrivate));

  it.each(['http://127.0.0.1/', 'http://localhost/', 'http://[::1]/', 'http://10.0.0.1/'])(
    'takes %s where private sources are allowed',
    (url) => expect(checkSourceUrl(url, true)).toBeUndefined(),
  );

  it.each([
    'file:///etc/passwd',
    'gopher://example.com/',
    'ftp://example.com/a',
    'data:text/plain,hello',
    'concat:a|b',
    'subfile,,start,0,end,1,,:a',
    'pipe:0',
    'lavfi',
    '//example.com/a',
    '',
    'http://',
    'http://[::1',
    'http://256.256.256.256/',
  ])('refuses %j, which is no http(s) URL', (url) => {
    expect(checkSourceUrl(url, false)).toMatch(isNoHttp);
    expect(checkSourceUrl(url, true)).toMatch(isNoHttp);
  });

  it.each(['http://user:secret@example.com/', 'http://user@example.com/', 'http://good.com@127.0.0.1/'])(
    'refuses %s for its user name, without repeating it',
    (url) => {
      expect(checkSourceUrl(url, false)).toMatch(hasUserinfo);
      expect(checkSourceUrl(url, true)).toMatch(hasUserinfo);
      expect(checkSourceUrl(url, true)).not.toMatch(/secret|user@|good/);
    },
  );
});
