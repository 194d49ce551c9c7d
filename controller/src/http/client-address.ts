// Who really asks, when a reverse proxy stands in front. Only the proxies that the configuration names are believed.
import { BlockList, isIP } from 'node:net';

export type Client = {
  /** Bare IP address; IPv4 inside IPv6 is written as IPv4. */
  readonly address: string;
  /** By https, as far as we or a trusted proxy know. */
  readonly secure: boolean;
};

export type RequestOrigin = {
  readonly socketAddress: string;
  readonly forwardedFor: string | null;
  readonly forwardedProto: string | null;
};

/** @param trusted CIDR ranges, checked by the configuration. */
export function createClientAddress(trusted: readonly string[]): (origin: RequestOrigin) => Client {
  const proxies = new BlockList();
  for (const range of trusted) {
    const [address = '', bits] = range.split('/');
    proxies.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  const isProxy = (address: string): boolean =>
    trusted.length > 0 && isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ socketAddress, forwardedFor, forwardedProto }) => {
    const peer = bare(socketAddress);
    if (!isProxy(peer)) return { address: peer, secure: false };
    // The list grows to the right, so the last entry that is no proxy of ours is the one that ours saw; what stands left of it is hearsay.
    const hops = (forwardedFor ?? '').split(',').map((hop) => bare(hop.trim()));
    const address = hops.findLast((hop) => isIP(hop) !== 0 && !isProxy(hop)) ?? peer;
    return { address, secure: forwardedProto?.split(',').at(-1)?.trim() === 'https' };
  };
}

/** Whether an address is this machine. */
export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

const bare = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^\[(.*)\]$/, '$1');
