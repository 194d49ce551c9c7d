// Whether an address is in one of some networks.
import { BlockList, isIP, isIPv4 } from 'node:net';
import { EngineError } from './engine-error.ts';

/** @param networks an address, or one with a prefix: `192.168.0.0/16`, `fd00::/8`. @throws EngineError */
export function networksOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const bits = isIPv4(address) ? 32 : 128;
    const length = prefix === undefined ? bits : Number(prefix);
    if (isIP(address) === 0 || !Number.isInteger(length) || length < 0 || length > bits)
      throw new EngineError('input_invalid', `"${network}" is no network`);
    list.addSubnet(address, length, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
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
export function isIn(networks: BlockList, address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(plain) !== 0 && networks.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}
