// Who may read what is shared: a node by its token, a log-in, or whoever is in a network that the configuration names.
import { BlockList, isIP } from 'node:net';
import { ControllerError } from '../errors.ts';
import type { RequestFacts } from '../http/route.ts';
import type { KnownNode, NodeTokens } from './node-tokens.ts';

/** `node`: whose token it was, if any. `site`: where the bytes go; null: nobody knows. `groups` null: every group. */
export type Reader = {
  readonly name: string;
  readonly node: string | null;
  readonly site: string | null;
  readonly groups: readonly string[] | null;
};

type Asking = Pick<RequestFacts, 'caller' | 'address' | 'header'>;

export type Readers = {
  /** @throws ControllerError unauthenticated */
  readerOf(asking: Asking): Reader;
};

export type ReadersDeps = {
  readonly tokens: Pick<NodeTokens, 'find'>;
  /** CIDR ranges whose callers need no token. */
  readonly lanNetworks: readonly string[];
  /** Of this place: where those of `lanNetworks` are. */
  readonly site: string;
};

export function createReaders({ tokens, lanNetworks, site }: ReadersDeps): Readers {
  const isLan = createNetworks(lanNetworks);
  const lan: Reader = { name: 'LAN', node: null, site, groups: null };
  return {
    readerOf({ caller, address, header }) {
      const token = tokenIn(header('authorization'));
      const node = token === null ? null : tokens.find(token);
      if (node !== null) return readerOfNode(node);
      if (caller.kind !== 'nobody') return { name: caller.name, node: null, site: isLan(address) ? site : null, groups: null };
      // A proxy that nobody told us of hides who asks: its own address says nothing.
      const forwarded = header('x-forwarded-for');
      if (isLan(address) && (forwarded === null || forwarded.includes(address))) return lan;
      throw new ControllerError('unauthenticated', 'send the node’s token as "Authorization: Bearer hgn_…"');
    },
  };
}

const readerOfNode = ({ node, site, groups }: KnownNode): Reader => ({ name: node, node, site, groups });

/** As bearer, or as the password of basic authentication, whatever the name: some clients can send nothing else. */
function tokenIn(authorization: string | null): string | null {
  if (authorization === null) return null;
  if (authorization.startsWith('Bearer ')) return authorization.slice('Bearer '.length);
  const basic = /^Basic +([A-Za-z0-9+/=]{1,400})$/i.exec(authorization)?.[1];
  return basic === undefined
    ? null
    : Buffer.from(basic, 'base64')
        .toString('latin1')
        .replace(/^[^:]*:/, '');
}

/** Whether an address is in one of these CIDR ranges. */
export function createNetworks(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

/** @throws ControllerError denied */
export function demandGroup({ groups, name }: Reader, group: string): void {
  if (groups !== null && !groups.includes(group))
    throw new ControllerError('denied', `the node "${name}" is not of the group "${group}"`);
}
