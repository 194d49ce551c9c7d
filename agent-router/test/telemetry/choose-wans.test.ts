// Finding the WANs of a router in netifd's dump.
import t from 'tap';
import { type InterfaceStatus, parseDump } from '../../src/router/answers.ts';
import { chooseWans } from '../../src/telemetry/choose-wans.ts';
import { recording } from '../recording.ts';

const v4 = [{ target: '0.0.0.0', mask: 0 }];
const v6 = [{ target: '::', mask: 0 }];
const up = (name: string, l3: string, more: Partial<InterfaceStatus> = {}): InterfaceStatus => ({
  interface: name,
  up: true,
  l3_device: l3,
  device: l3,
  proto: 'dhcp',
  metric: 0,
  route: v4,
  ...more,
});

t.test("a real router's dump has one WAN, with its address", async (t) => {
  const wans = chooseWans(parseDump(recording('ubus-cli-network.interface-dump.json')));
  t.match(wans, [{ name: 'wan', primary: true, l3Device: 'eth1', device: 'eth1', proto: 'static', addresses: ['203.0.113.2'] }]);
  t.equal(wans.length, 1);
});

const found: readonly (readonly [string, readonly InterfaceStatus[], readonly string[]])[] = [
  ['an interface that is not called wan', [up('fiber', 'eth0')], ['fiber:eth0']],
  ['pppoe-wan over eth1.7', [up('wan', 'pppoe-wan', { device: 'eth1.7', proto: 'pppoe' })], ['wan:pppoe-wan']],
  ['a bridge', [up('wan', 'br-wan')], ['wan:br-wan']],
  ['wan and wan6 on one device are one WAN', [up('wan6', 'eth1', { route: v6 }), up('wan', 'eth1')], ['wan:eth1']],
  ['IPv6 only', [up('wan6', 'eth1', { route: v6 })], ['wan6:eth1']],
  [
    'two WANs, the lower metric first',
    [up('lte', 'wwan0', { metric: 20 }), up('wan', 'eth1', { metric: 10 })],
    ['wan:eth1', 'lte:wwan0'],
  ],
  ['an interface that is down is none', [{ interface: 'wan', up: false, proto: 'pppoe', device: 'eth1' }], []],
  [
    'no default route, no WAN',
    [up('lan', 'br-lan', { route: [] }), up('vpn', 'wg0', { route: [{ target: '10.0.0.0', mask: 8 }] })],
    [],
  ],
  ['a hostile device name is left out', [up('wan', '../../etc;x')], []],
  ['nothing at all', [], []],
];
for (const [what, dump, wanted] of found)
  t.test(`${what}`, async (t) => {
    const wans = chooseWans(dump);
    t.same(
      wans.map((wan) => `${wan.name}:${wan.l3Device}`),
      wanted,
    );
    t.equal(wans.filter((wan) => wan.primary).length, wanted.length === 0 ? 0 : 1);
  });

t.test('addresses and delegated prefixes of both families are told', async (t) => {
  const [wan] = chooseWans([
    up('wan', 'eth1', { 'ipv4-address': [{ address: '203.0.113.2', mask: 24 }] }),
    up('wan6', 'eth1', {
      route: v6,
      'ipv6-address': [{ address: '2001:db8::1', mask: 64 }],
      'ipv6-prefix': [{ address: '2001:db8:1::', mask: 56 }],
    }),
  ]);
  t.match(wan, { interfaces: ['wan', 'wan6'], addresses: ['203.0.113.2', '2001:db8::1'], prefixes: ['2001:db8:1::/56'] });
});
