// The daemon as people run it: by poll, by push, with limits that end, paused, and stopped.

import type { NodeReport } from '@headgate/protocol';
import t from 'tap';
import { startNodeHome, until } from './node-home.ts';
import { bytesOf } from './share-server.ts';
import { startTestBroker, type TestBroker } from './test-broker.ts';

t.setTimeout(120_000);
const hash = (letter: string): string => letter.repeat(40);
const report = (broker: TestBroker) => broker.last('/report') as NodeReport | undefined;
const mqttOf = (broker: TestBroker): string => `mqtt: { url: '${broker.url}' }\n`;

t.test('row 214: without a broker what is new comes by the poll', async (t) => {
  await using home = await startNodeHome();
  home.server.publish('family', []);
  await using node = home.start({ poll: 0.01 });
  await until('the first poll', () => home.server.countOf('/manifest') > 0);
  home.server.publish('family', [home.server.share(`${hash('a')}/a.mkv`, bytesOf(1_000))]);
  await until('the film', () => home.seen().includes('Films/a.mkv'));
  const before = home.server.asked.length;
  await until('two more polls', () => home.server.asked.length >= before + 2);
  t.ok(
    home.server.asked
      .slice(before)
      .every(({ path, headers }) => path.startsWith('/manifest') && headers['if-none-match'] !== undefined),
  );
  t.equal(await node.stop('SIGTERM'), 0);
});

t.test('row 249, 250: a push brings it at once; the node says that it is here, how far it is, and that it goes', async (t) => {
  await using home = await startNodeHome();
  await using broker = await startTestBroker();
  home.server.publish('family', []);
  const node = home.start({ yaml: `site: cabin\n${mqttOf(broker)}` });
  await until('presence', () => broker.last('/presence')?.['state'] === 'online');
  await until('a report', () => report(broker)?.groups[0]?.version === 1);
  home.server.bytesPerSecond = 400_000;
  const version = home.server.publish('family', [home.server.share(`${hash('a')}/a.mkv`, bytesOf(2_500_000))]);
  const since = performance.now();
  await broker.publish('headgate/group/family/manifest', { version, at: new Date().toISOString(), items: 1 }, true);
  await until('the download', () => home.server.countOf('/web-seed') > 0);
  t.ok(performance.now() - since < 60_000, 'long before the poll of an hour');
  await until(
    'progress',
    () =>
      report(broker)?.items.some(
        ({ state, bytes_done, down_bps }) => state === 'downloading' && bytes_done > 0 && down_bps > 0,
      ) === true,
  );
  await until('placed', () => report(broker)?.items[0]?.state === 'placed');
  t.match(report(broker), {
    site: 'cabin',
    paused: false,
    groups: [{ group: 'family', version: 2, stale_since: null, problem: null }],
    items: [{ group: 'family', path: 'Films/a.mkv', bytes_done: 2_500_000, bytes_total: 2_500_000, down_bps: 0 }],
    jellyfin: null,
  });
  const asked = home.server.asked.length;
  await broker.publish('headgate/group/family/manifest', { version, at: new Date().toISOString(), items: 1 }, true);
  await broker.publish('headgate/group/other/manifest', { version: 9, at: new Date().toISOString(), items: 1 }, true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.equal(home.server.asked.length, asked, 'what it has already is not asked for');
  t.equal(await node.stop('SIGTERM'), 0);
  await until('goodbye', () => broker.last('/presence')?.['state'] === 'offline');
  t.notMatch(JSON.stringify(broker.said), home.server.token);
});

t.test('a lease holds, and ends by itself; nonsense is ignored; kept orders are of another time', async (t) => {
  await using home = await startNodeHome();
  await using broker = await startTestBroker();
  home.server.publish('family', [home.server.share(`${hash('a')}/a.mkv`, bytesOf(3_000_000))]);
  await broker.publish(
    'headgate/node/box/limits',
    { order_id: 'old', up_bps: 1, down_bps: 1, ttl_s: 3_600, reason: 'kept' },
    true,
  );
  const limits = { order_id: 'x', up_bps: 0, down_bps: 0, ttl_s: 5, reason: 'viewers' };
  const node = home.start({ yaml: `rates: { down_mbit: 4, free_networks: [] }\n${mqttOf(broker)}` });
  await until('under way', () => report(broker)?.items[0]?.state === 'downloading');
  t.equal(report(broker)?.limits_lease_left_s, null);
  await broker.publish('headgate/node/box/limits', '{"ttl_s":-1}');
  await broker.publish('headgate/node/box/limits', limits);
  await until('the lease', () => (report(broker)?.limits_lease_left_s ?? 0) > 0);
  await until('its end', () => node.log().includes("the node's own hold"));
  await until('the film', () => home.seen().includes('Films/a.mkv'));
  t.match(node.log(), /a message was ignored/);
  t.match(node.log(), /limits hold.*viewers/);
});

t.test('paused: nothing comes until it is off; rescan looks at the library anew', async (t) => {
  await using home = await startNodeHome();
  await using broker = await startTestBroker();
  home.server.bytesPerSecond = 500_000;
  home.server.publish('family', [
    home.server.share(`${hash('a')}/a.mkv`, bytesOf(1_500_000)),
    home.server.share(`${hash('b')}/b.mkv`, bytesOf(1_000, 'b')),
  ]);
  const yaml = `${mqttOf(broker)}download: { min_free_gb: 0, parallel: 1 }\n`;
  const first = home.start({ yaml });
  await until('under way', () => report(broker)?.items.some(({ state }) => state === 'downloading') === true);
  await broker.publish('headgate/node/box/set/paused', 'on');
  await until('paused', () => report(broker)?.paused === true);
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.same(home.seen(), []);
  await first.stop('SIGKILL');
  home.start({ yaml });
  await until('there again', () => broker.said.filter(({ topic }) => topic.endsWith('/presence')).length >= 3);
  await new Promise((resolve) => setTimeout(resolve, 500));
  t.equal(report(broker)?.paused, true, 'a restart is no reason to go on');
  t.same(home.seen(), []);
  await broker.publish('headgate/node/box/set/paused', 'off');
  await until('both', () => home.seen().length === 2);
  await until('told', () => report(broker)?.items.every(({ state }) => state === 'placed') === true);
  home.write('Films/a.mkv', 'somebody wrote over it');
  await broker.publish('headgate/node/box/set/rescan', 'rescan');
  await until('healed', () => home.read('Films/a.mkv')?.length === 1_500_000);
});

t.test('everything dead: it starts, tells each once, and stops at once', async (t) => {
  await using home = await startNodeHome();
  const yaml =
    "mqtt: { url: 'mqtt://127.0.0.1:1' }\nmanifests: { url: 'http://127.0.0.1:1', groups: [family], attempts: 2 }\njellyfin: { url: 'http://127.0.0.1:1', key: abcdef }\n";
  const node = home.start({ yaml });
  await until(
    'told',
    () => node.log().includes('no manifest; trying again') && node.log().includes('no connection to the broker'),
  );
  t.equal(await node.stop('SIGINT'), 0);
  t.equal(node.log().split('no manifest').length, 2);
});
