import { UnrecoverableError } from '@heavylift/core';
import { isPublicAddress } from './public-address.js';
import { privateAddress } from './source-errors.js';
import { literalAddress, parseSourceUrl } from './source-url.js';

/**
 * What is wrong with the URL of a source or webhook, as far as the URL itself tells; undefined when nothing is. Cheap, for refusing early: it asks no
 * name server. What a name leads to is checked when it is connected to.
 */
export function checkSourceUrl(text: string, allowPrivate: boolean): string | undefined {
  try {
    const url = parseSourceUrl(text);
    return allowPrivate || !isSurelyPrivate(url) ? undefined : privateAddress(url.hostname).message;
  } catch (error) {
    if (error instanceof UnrecoverableError) return error.message;
    throw error;
  }
}

function isSurelyPrivate(url: URL): boolean {
  const address = literalAddress(url);
  return address === undefined ? isLocalName(url.hostname) : !isPublicAddress(address);
}

/** Names that are this machine by definition (RFC 6761), with or without the dot of a full name. */
function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}
