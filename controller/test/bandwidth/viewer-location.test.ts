// Rows 3, 13-16, ruling 8: where a viewer is, for the uplink and for the media server.
import t from 'tap';
import { parseRanges } from '../../src/bandwidth/address-range.ts';
import { createLocator, type HomeRanges, locateViewer } from '../../src/bandwidth/viewer-location.ts';
import type { MediaServerRules } from '../../src/neighbours/media-server.ts';

const HOME: HomeRanges = {
  home: parseRanges(['192.168.0.0/16', 'fd00::/8', '198.51.100.7', '2001:db8:77::/56']),
  vpn: parseRanges(['10.8.0.0/24']),
  testExternal: null,
};
const RULES: MediaServerRules = { limitBps: 0, localSubnets: [], enableIPv6: false, knownProxies: [], version: '12.0.0' };

t.test('rows 3, 14, ruling 8: who uses the uplink and whom Jellyfin caps, with its default list', async (t) => {
  for (const [address, place, usesUplink, capped] of [
    ['203.0.113.9', 'remote', true, true],
    ['2001:db8::9', 'remote', true, true],
    ['::ffff:203.0.113.9', 'remote', true, true],
    ['192.168.1.20', 'home', false, false],
    ['::ffff:192.168.1.20', 'home', false, false],
    ['127.0.0.1', 'home', false, false],
    ['::1', 'home', false, false],
    // Jellyfin takes IPv6 ULA for remote unless EnableIPv6 is on.
    ['fd00::5', 'home', false, true],
    // The router's own WAN address (hairpin) and the delegated prefix are home, whatever Jellyfin thinks.
    ['198.51.100.7', 'home', false, true],
    ['2001:db8:77:12::5', 'home', false, true],
    // A VPN viewer is private to Jellyfin but its bytes leave through the uplink.
    ['10.8.0.3', 'vpn', true, false],
    // Tailscale and CGNAT addresses are remote to both.
    ['100.64.3.4', 'remote', true, true],
    // 10.0.0.0/8 that the operator did not name: private to Jellyfin only.
    ['10.9.0.1', 'remote', true, false],
  ] as const) {
    const is = locateViewer(address, HOME, RULES);
    t.match(is, { place, usesUplink, capped }, address);
    t.equal(is.hint === null, usesUplink === capped, `${address}: a hint only where the two disagree`);
  }
});

t.test('no or unreadable address: unknown, neither counted nor capped', async (t) => {
  for (const address of [null, '', 'unknown', '2001'])
    t.same(locateViewer(address, HOME, RULES), { place: 'unknown', usesUplink: false, capped: false, hint: null });
});

t.test("Jellyfin's LocalNetworkSubnets: entries replace the defaults, ! excludes, loopback stays local", async (t) => {
  const rules = { ...RULES, localSubnets: ['192.168.0.0/16', '!192.168.50.0/24', 'nonsense', '203.0.113.0/24'] };
  for (const [address, capped] of [
    ['192.168.1.1', false],
    ['192.168.50.1', true],
    ['203.0.113.9', false],
    ['10.0.0.1', true],
    ['127.0.0.1', false],
  ] as const)
    t.equal(locateViewer(address, HOME, rules).capped, capped, address);
  const onlyExcluded = { ...RULES, localSubnets: ['!192.168.50.0/24'] };
  t.equal(locateViewer('192.168.1.1', HOME, onlyExcluded).capped, false, 'only ! entries: the defaults stand');
  t.equal(locateViewer('192.168.50.1', HOME, onlyExcluded).capped, true);
  t.equal(locateViewer('fd00::5', HOME, { ...RULES, enableIPv6: true }).capped, false);
});

t.test('ruling 8: the hint is the exact entry of LocalNetworkSubnets', async (t) => {
  t.match(locateViewer('10.8.0.3', HOME, RULES).hint, /add "!10\.8\.0\.3\/32" to LocalNetworkSubnets/);
  t.match(locateViewer('::ffff:10.8.0.3', HOME, RULES).hint, /"!10\.8\.0\.3\/32"/, 'as Jellyfin itself would write it');
  t.match(locateViewer('fd00::5', HOME, RULES).hint, /add "fd00:0:0:0:0:0:0:5\/128" to LocalNetworkSubnets/);
  const hint = locateViewer('10.8.0.3', HOME, RULES).hint ?? '';
  const entry = /"([^"]+)"/.exec(hint)?.[1] ?? '';
  const followed = locateViewer('10.8.0.3', HOME, { ...RULES, localSubnets: ['10.0.0.0/8', entry] });
  t.match(followed, { capped: true, hint: null }, 'following it ends the disagreement');
});

t.test('before the rules of the server are known, its caps are taken to follow the uplink', async (t) => {
  t.match(locateViewer('10.8.0.3', HOME, null), { usesUplink: true, capped: true, hint: null });
});

t.test('rows 15, 16: in test mode only the two test ranges count as outside, otherwise they are what they are', async (t) => {
  const test = { ...HOME, testExternal: parseRanges(['192.168.5.0/24', '10.9.0.0/16']) };
  for (const [address, on, off] of [
    ['192.168.5.1', 'remote', 'home'],
    ['10.9.3.3', 'remote', 'remote'],
    ['192.168.1.1', 'home', 'home'],
    ['203.0.113.9', 'home', 'remote'],
    ['10.8.0.3', 'home', 'vpn'],
  ] as const) {
    t.equal(locateViewer(address, test, RULES).place, on, `${address} in test mode`);
    t.equal(locateViewer(address, HOME, RULES).place, off, `${address} without`);
  }
});

t.test('a locator says of many what locateViewer says of one', async (t) => {
  const locate = createLocator(HOME, RULES);
  for (const address of ['203.0.113.9', '203.0.113.9', 'fd00::5', null])
    t.same(locate(address), locateViewer(address, HOME, RULES));
});

t.test('row 175: where the server says a viewer is, that decides, unless the home knows the address', async (t) => {
  const locate = createLocator(HOME, null);
  for (const [address, said, place, capped] of [
    ['203.0.113.9', 'remote', 'remote', true],
    // At home by the address that the world sees (hairpin), or by an IPv6 prefix that nobody told us.
    ['203.0.113.9', 'local', 'home', false],
    ['2001:db8:99::5', 'local', 'home', false],
    ['2001:db8:99::5', 'remote', 'remote', true],
    // What the home knows wins: the LAN, the router's own address, the delegated prefix, the VPN.
    ['192.168.1.20', 'remote', 'home', true],
    ['198.51.100.7', 'remote', 'home', true],
    ['2001:db8:77:12::5', 'remote', 'home', true],
    ['::ffff:192.168.1.20', 'remote', 'home', true],
    ['10.8.0.3', 'local', 'vpn', false],
    ['10.8.0.3', 'remote', 'vpn', true],
    // Behind a tunnel or proxy on the server's own machine only the server can know.
    ['127.0.0.1', 'remote', 'remote', true],
    ['::1', 'remote', 'remote', true],
    ['127.0.0.1', 'local', 'home', false],
    // A relay ends on the server's machine: no address says anything.
    ['192.168.1.20', 'relayed', 'remote', true],
    ['10.8.0.3', 'relayed', 'remote', true],
    ['127.0.0.1', 'relayed', 'remote', true],
    // Private, and in none of the home's ranges.
    ['10.9.0.1', 'local', 'home', false],
    ['10.9.0.1', 'remote', 'remote', true],
    [null, 'remote', 'remote', true],
    [null, 'local', 'home', false],
    ['nonsense', 'remote', 'remote', true],
    [null, 'relayed', 'remote', true],
  ] as const) {
    const is = locate(address, said);
    t.match(is, { place, usesUplink: place !== 'home', capped }, `${address}, said to be ${said}`);
    const disagree = address !== null && address !== 'nonsense' && is.usesUplink !== capped;
    t.equal(is.hint !== null, disagree, `${address}, said to be ${said}: a hint only where the two disagree`);
  }
});

t.test('the word of the server does not stick to an address: it is asked for each viewer', async (t) => {
  const locate = createLocator(HOME, RULES);
  t.equal(locate('203.0.113.9', 'local').place, 'home');
  t.equal(locate('203.0.113.9').place, 'remote');
  t.equal(locate('203.0.113.9', 'remote').place, 'remote');
  t.equal(locate('203.0.113.9', null).place, 'remote');
});

t.test('where the server is wrong, the hint names its LAN Networks', async (t) => {
  const locate = createLocator(HOME, null);
  t.match(
    locate('192.168.1.20', 'remote').hint,
    /takes 192\.168\.1\.20 for remote although it is at home; add .* to LAN Networks/,
  );
  t.match(
    locate('10.8.0.3', 'local').hint,
    /takes 10\.8\.0\.3 for local although it comes by the uplink; take .* out of LAN Networks/,
  );
});

t.test('test mode with a server that says where its viewers are: the test ranges decide, the rest is at home', async (t) => {
  const locate = createLocator({ ...HOME, testExternal: parseRanges(['192.168.5.0/24']) }, null);
  for (const [address, said, place] of [
    ['192.168.5.1', 'local', 'remote'],
    ['192.168.1.1', 'local', 'home'],
    ['203.0.113.9', 'remote', 'home'],
    ['127.0.0.1', 'remote', 'home'],
    ['10.8.0.3', 'remote', 'home'],
  ] as const)
    t.equal(locate(address, said).place, place, `${address}, said to be ${said}`);
});
