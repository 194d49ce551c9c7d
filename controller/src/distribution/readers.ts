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
  /** By which we are known to others; null: none. */
  readonly publicHost: string | null;
};

/** What a page on the internet can not call us: an address, a bare name, or a name of a local network (RFC 6762, 8375, and custom). */
const LOCAL_NAME = /^([^.]+|.*\.(local|lan|home|internal|home\.arpa))$/i;

export function createReaders({ tokens, lanNetworks, site, publicHost }: ReadersDeps): Readers {
  const isLan = createNetworks(lanNetworks);
  const lan: Reader = { name: 'LAN', node: null, site, groups: null };
  return {
    readerOf({ caller, address, header }) {
      const token = tokenIn(header('authorization'));
      const node = token === null ? null : tokens.find(token);
      if (node !== null) return readerOfNode(node);
      if (caller.kind !== 'nobody') return { name: caller.name, node: null, site: isLan(address) ? site : null, groups: null };
      if (isLan(address) && comesItself(address, header) && isOurName(header('host') ?? '', publicHost)) return lan;
      throw new ControllerError('unauthenticated', 'send the node’s token as "Authorization: Bearer hgn_…"');
    },
  };
}

/** A proxy that nobody told us of hides who asks: what it wrote last is not the address that we see. */
function comesItself(address: string, header: Asking['header']): boolean {
  const forwarded = header('x-forwarded-for');
  return header('forwarded') === null && (forwarded === null || forwarded.split(',').at(-1)?.trim() === address);
}

/** A page of somebody else may have its own name lead to us (DNS rebinding): the browser at home would read for it. */
function isOurName(host: string, publicHost: string | null): boolean {
  if (host === publicHost) return true;
  const name = host.replace(/:\d+$/, '');
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 || LOCAL_NAME.test(name);
}

const readerOfNode = ({ node, site, groups }: KnownNode): Reader => ({ name: node, node, site, groups });

/** As bearer, or as the password of basic authentication, whatever the name: some clients can send nothing else. */
function tokenIn(authorization: string | null): string | null {
  if (authorization === null) return null;
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
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
