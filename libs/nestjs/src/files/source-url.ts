import { isIP } from 'node:net';
import { UnrecoverableError } from '@heavylift/core';

/**
 * The URL of a file to fetch. A relative one, as redirects have, starts from `base`.
 * @throws {UnrecoverableError} `source.scheme` when it is no http(s) URL, `source.userinfo` when it holds a name or password
 */
export function parseSourceUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url)
    throw new UnrecoverableError('source.scheme', 'the source is no URL; it takes http:// or https://');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UnrecoverableError(
      'source.scheme',
      `a source cannot be "${url.protocol}"; it takes http:// or https://`,
    );
  if (url.username !== '' || url.password !== '')
    throw new UnrecoverableError(
      'source.userinfo',
      `the URL of a source on ${url.hostname} must hold no user name or password`,
    );
  return url;
}

/** The address, without brackets, when the URL names one; undefined when it names a host. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? undefined : host;
}
