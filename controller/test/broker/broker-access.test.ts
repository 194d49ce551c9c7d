// Who may publish, subscribe and receive what at the embedded broker.
import t from 'tap';
import { type BrokerRole, mayPublish, mayReceive, maySubscribe, rightsOf } from '../../src/broker/broker-access.ts';

const rights = (role: BrokerRole, id = 'attic') =>
  rightsOf({ name: 'user', id, role }, { base: 'home/headgate', discoveryPrefix: 'disco' });
const base = 'home/headgate';

t.test('publishing: an agent its own topics, Home Assistant its controls, a reader nothing', async (t) => {
  const cases: readonly [string, readonly BrokerRole[]][] = [
    [`${base}/router/attic/presence`, ['router']],
    [`${base}/router/attic/wan/wan6/throughput`, ['router']],
    [`${base}/router/attic/wan/wan/sqm`, ['router']],
    [`${base}/router/attic/shaper/state`, ['router']],
    [`${base}/router/attic/shaper/order`, []],
    [`${base}/router/attic/anything`, []],
    [`${base}/router/cellar/presence`, []],
    [`${base}/router/attic/wan/a/b/sqm`, []],
    [`${base}/node/attic/presence`, ['node']],
    [`${base}/node/cellar/presence`, []],
    [`${base}/controller/presence`, []],
    [`${base}/bandwidth/state`, []],
    [`${base}/bandwidth/set/enabled`, ['home_assistant']],
    [`${base}/bandwidth/set/capacity`, ['home_assistant']],
    [`${base}/bandwidth/set/enabled/x`, []],
    [`${base}/event`, []],
    ['headgate/router/attic/presence', []],
    ['homeassistant/status', ['home_assistant']],
    ['disco/status', ['home_assistant']],
    ['disco/device/x/config', []],
    ['$SYS/broker/x', []],
    [`${base}/router/+/presence`, []],
  ];
  for (const [topic, allowed] of cases) {
    for (const role of ['router', 'node', 'home_assistant', 'reader'] as const)
      t.equal(mayPublish(rights(role), topic), allowed.includes(role), `${role} to ${topic}`);
  }
});

t.test('subscribing: an agent its own branch, Home Assistant and readers all of ours and no more', async (t) => {
  const everyone: readonly BrokerRole[] = ['home_assistant', 'reader'];
  const cases: readonly [string, readonly BrokerRole[]][] = [
    [`${base}/router/attic/shaper/order`, ['router', ...everyone]],
    [`${base}/router/attic/#`, ['router', ...everyone]],
    [`${base}/router/attic`, ['router', ...everyone]],
    [`${base}/router/+/shaper/order`, everyone],
    [`${base}/router/cellar/#`, everyone],
    [`${base}/controller/presence`, ['router', 'node', ...everyone]],
    [`${base}/controller/+`, everyone],
    [`${base}/node/attic/limits`, ['node', ...everyone]],
    [`${base}/group/family/manifest`, ['node', ...everyone]],
    [`${base}/#`, everyone],
    [`${base}/+/+/+`, everyone],
    ['disco/#', everyone],
    ['disco/+/+/config', everyone],
    ['homeassistant/status', everyone],
    ['homeassistant/#', []],
    ['home/#', []],
    ['home/+/bandwidth/state', []],
    ['+/headgate/#', []],
    ['#', []],
    ['+/#', []],
    ['$SYS/#', []],
    ['$share/x/home/headgate/#', []],
    [`${base}/bad#`, []],
  ];
  for (const [filter, allowed] of cases) {
    for (const role of ['router', 'node', 'home_assistant', 'reader'] as const)
      t.equal(maySubscribe(rights(role), filter), allowed.includes(role), `${role} to ${filter}`);
  }
});

t.test('delivery asks the same rights again, topic by topic', async (t) => {
  t.equal(mayReceive(rights('router'), `${base}/router/attic/shaper/order`), true);
  t.equal(mayReceive(rights('router'), `${base}/router/cellar/shaper/order`), false);
  t.equal(mayReceive(rights('reader'), '$SYS/x/heartbeat'), false);
});
