// Whether an address is in one of some networks.
import { BlockList, isIP, isIPv4 } from 'node:net';
import { EngineError } from './engine-error.ts';

export type Networks = { readonly those: BlockList; readonly butNot: BlockList };

/**
 * @param networks an address, or one with a prefix: `192.168.0.0/16`, `fd00::/8`; with `!` before it it is taken out of the others, as a VPN is.
 * @throws EngineError
 */
export function networksOf(networks: readonly string[]): Networks {
  const [those, butNot] = [new BlockList(), new BlockList()];
  for (const network of networks) {
    const [address = '', prefix] = network.replace(/^!/, '').split('/');
    const bits = isIPv4(address) ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    if (isIP(address) === 0 || !Number.isInteger(length) || length < 0 || length > bits)
      throw new EngineError('input_invalid', `"${network}" is no network`);
    const list = network.startsWith('!') ? butNot : those;
    list.addSubnet(address, length, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return { those, butNot };
}

/** Whether `networksOf` takes it. */
export function isNetwork(network: string): boolean {
  try {
    networksOf([network]);
    return true;
  } catch {
    return false;
  }
}

/** An IPv4 address that came in over IPv6 is what it is. */
export function isIn({ those, butNot }: Networks, address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  return isIP(plain) !== 0 && those.check(plain, family) && !butNot.check(plain, family);
}
