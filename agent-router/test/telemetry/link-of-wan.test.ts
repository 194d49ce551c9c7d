// What counts as news about a link.
import t from 'tap';
import { goneLink, isNewLink, linkOfWan } from '../../src/telemetry/link-of-wan.ts';

const wan = {
  name: 'wan',
  primary: true,
  interfaces: ['wan'],
  device: 'eth1',
  l3Device: 'eth1',
  proto: 'dhcp',
  addresses: ['203.0.113.2'],
  prefixes: [],
  uptimeS: 60,
  errors: [],
};
const link = linkOfWan(wan, true);

t.test('a longer uptime is no news, a shorter one is', async (t) => {
  t.equal(isNewLink(link, { ...link, uptime_s: 90 }), false);
  t.equal(isNewLink(link, { ...link, uptime_s: 2 }), true);
});
t.test('the first one, the cable, an address and the primary are news', async (t) => {
  t.equal(isNewLink(undefined, link), true);
  t.equal(isNewLink(link, { ...link, carrier: false }), true);
  t.equal(isNewLink(link, { ...link, addresses: ['203.0.113.9'] }), true);
  t.equal(isNewLink(link, { ...link, primary: false }), true);
});
t.test('a WAN that went away is down, without addresses', async (t) => {
  t.match(goneLink(link), { up: false, primary: false, addresses: [], uptime_s: null, l3_device: 'eth1' });
});
