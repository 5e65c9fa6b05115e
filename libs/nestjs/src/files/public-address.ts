import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Decides which addresses may be connected to. */
export type AddressRule = (ip: string) => boolean;

/** The rule that lets every address through. */
export const anyAddress: AddressRule = () => true;

// Of IPv6, only this part is the internet; the rest is special or not given out yet.
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * Whether an address belongs to the internet: not to this machine, to a private or reserved network, to a group of machines, nor to one of the
 * IPv6 ranges that wrap an IPv4 address. False for what is no address at all, so a name has to be resolved first.
 */
export function isPublicAddress(ip: string): boolean {
  if (isIP(ip) === 0) return false;
  const address = ipaddr.parse(ip);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(globalUnicast);
}
