// Who is local, by facts/jellyfin.md §5.
import t from 'tap';
import {
  bareAddress,
  callerAddress,
  isLocalAddress,
  mayCallFrom,
  type NetworkConfiguration,
} from '../../../demo/jellyfin/local-network.ts';

const network: NetworkConfiguration = {
  EnableIPv4: true,
  EnableIPv6: false,
  EnableRemoteAccess: true,
  LocalNetworkSubnets: [],
  KnownProxies: [],
  RemoteIPFilter: [],
  IsRemoteIPFilterBlacklist: false,
};

const places: readonly (readonly [address: string, patch: Partial<NetworkConfiguration>, local: boolean])[] = [
  ['127.0.0.1', {}, true],
  ['::1', {}, true],
  ['192.168.1.7', {}, true],
  ['172.31.255.1', {}, true],
  ['172.32.0.1', {}, false],
  ['10.0.0.1', {}, true],
  ['203.0.113.9', {}, false],
  ['100.64.3.4', {}, false],
  ['169.254.1.1', {}, false],
  ['::ffff:192.168.1.7', {}, true],
  ['fd00::7', {}, false],
  ['fd00::7', { EnableIPv6: true }, true],
  ['fe80::7%eth0', { EnableIPv6: true }, true],
  ['2001:db8::7', { EnableIPv6: true }, false],
  ['192.168.1.7', { LocalNetworkSubnets: ['10.9.0.0/16'] }, false],
  ['10.9.8.7', { LocalNetworkSubnets: ['10.9.0.0/16'] }, true],
  ['10.9.8.7', { LocalNetworkSubnets: ['10.9.0.0/16', '!10.9.8.0/24'] }, false],
  ['192.168.1.7', { LocalNetworkSubnets: ['!192.168.1.7/32'] }, false],
  ['192.168.1.8', { LocalNetworkSubnets: ['!192.168.1.7/32'] }, true],
  ['2001:db8:1::5', { LocalNetworkSubnets: ['2001:db8:1::/48'] }, true],
  ['127.0.0.1', { LocalNetworkSubnets: ['10.9.0.0/16'] }, true],
  ['nonsense', {}, false],
];

t.test(
  'an address is local by LocalNetworkSubnets, by the private ranges without them, and never by the interfaces',
  async (t) => {
    for (const [address, patch, local] of places)
      t.equal(isLocalAddress(address, { ...network, ...patch }), local, `${address} ${JSON.stringify(patch)}`);
  },
);

t.test('X-Forwarded-For counts from a known proxy only, hop by hop', async (t) => {
  const known = { ...network, KnownProxies: ['127.0.0.1', '10.0.0.0/24'] };
  t.equal(callerAddress('127.0.0.1', '203.0.113.9', known, false), '203.0.113.9');
  t.equal(callerAddress('::ffff:127.0.0.1', '203.0.113.9:4711', known, false), '203.0.113.9', 'no port, no mapping');
  t.equal(callerAddress('127.0.0.1', '198.51.100.1, 10.0.0.3', known, false), '198.51.100.1', 'through two known proxies');
  t.equal(callerAddress('127.0.0.1', '198.51.100.1, 203.0.113.9', known, false), '203.0.113.9', 'an unknown hop is the caller');
  t.equal(callerAddress('203.0.113.5', '192.168.1.1', known, false), '203.0.113.5', 'a stranger forwards nothing');
  t.equal(
    callerAddress('127.0.0.1', '203.0.113.9', network, false),
    '127.0.0.1',
    '10.10 and later: without KnownProxies everybody behind the proxy is local',
  );
  t.equal(callerAddress('203.0.113.5', '192.168.1.1', network, true), '192.168.1.1', '10.9 believed anyone');
  t.equal(bareAddress('[2001:db8::1]:443'), '2001:db8::1');
});

t.test('remote access can be refused altogether, or by list', async (t) => {
  t.equal(mayCallFrom('203.0.113.9', network), true);
  t.equal(mayCallFrom('203.0.113.9', { ...network, EnableRemoteAccess: false }), false);
  t.equal(mayCallFrom('192.168.1.2', { ...network, EnableRemoteAccess: false }), true);
  t.equal(mayCallFrom('203.0.113.9', { ...network, RemoteIPFilter: ['203.0.113.0/24'] }), true, 'a whitelist');
  t.equal(mayCallFrom('198.51.100.1', { ...network, RemoteIPFilter: ['203.0.113.0/24'] }), false);
  t.equal(mayCallFrom('203.0.113.9', { ...network, RemoteIPFilter: ['203.0.113.0/24'], IsRemoteIPFilterBlacklist: true }), false);
});
