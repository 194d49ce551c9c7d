// Ruling 10: when the state is said, and which wishes are obeyed.
import { createTypedLink, type LinkPort } from '@headgate/protocol';
import t from 'tap';
import { runBandwidthMqtt } from '../../src/bandwidth/bandwidth-mqtt.ts';
import { silentLog } from '../../src/log.ts';
import { openMemoryHome } from './fixtures/memory-home.ts';

type Hear = Parameters<LinkPort['subscribe']>[1];

/** A broker of memory: what was published, and a way to send. */
function createPort() {
  const said: { readonly topic: string; readonly payload: string }[] = [];
  const ears = new Map<string, Hear>();
  const port: LinkPort = {
    publish: async (topic, payload) => void said.push({ topic, payload }),
    subscribe: async (filter, hear) => {
      ears.set(filter, hear);
      return async () => void ears.delete(filter);
    },
    onConnect: () => () => {},
  };
  const send = (what: string, payload: string, retained = false): void =>
    ears.get(`headgate/bandwidth/set/${what}`)?.(`headgate/bandwidth/set/${what}`, new TextEncoder().encode(payload), retained);
  return { port, said, ears, send };
}

async function openSpeaking() {
  const home = await openMemoryHome({ capacityUpBps: null });
  const broker = createPort();
  const bad: string[] = [];
  const stop = new AbortController();
  const asks = new Set<() => void>();
  const onAsked = (ask: () => void) => {
    asks.add(ask);
    return () => void asks.delete(ask);
  };
  const link = createTypedLink(broker.port, 'headgate', ({ topic }) => void bad.push(topic));
  const running = runBandwidthMqtt(
    { bandwidth: home.bandwidth, link, means: () => null, onAsked, clock: home.clock, log: silentLog },
    stop.signal,
  );
  await home.pass(5);
  return {
    home,
    ...broker,
    bad,
    asks,
    async end() {
      stop.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      await this.end();
      await home[Symbol.asyncDispose]();
    },
  };
}

t.test('ruling 10: the state goes out when a decision changed or somebody asks, else each 10 s', async (t) => {
  await using all = await openSpeaking();
  const quiet = all.said.length;
  await all.home.pass(60);
  t.ok(all.said.length - quiet >= 5 && all.said.length - quiet <= 7, `${all.said.length - quiet} in a quiet minute`);
  const before = all.said.length;
  all.send('reserve', '25');
  await all.home.pass(1);
  t.ok(all.said.length > before, 'at once after a change');
  t.match(JSON.parse(all.said.at(-1)?.payload ?? '{}'), { reserve_percent: 25 });
  const asked = all.said.length;
  for (const ask of all.asks) ask();
  await all.home.pass(1);
  t.equal(all.said.length, asked + 1);
  await all.end();
  t.same([all.ears.size, all.asks.size], [0, 0], 'nothing is heard any more');
});

t.test('each wish is obeyed; retained, unreadable and impossible ones are not', async (t) => {
  await using all = await openSpeaking();
  const settings = () => all.home.bandwidth.status().settings;
  for (const [what, payload] of [
    ['enabled', 'OFF'],
    ['dry_run', 'ON'],
    ['algorithm', 'equal'],
    ['capacity', '25'],
  ] as const)
    all.send(what, payload);
  await all.home.pass(2);
  t.match(settings(), { enabled: false, dryRun: true, algorithm: 'equal', capacityUpBps: 25_000_000 });
  all.send('capacity', '0');
  all.send('enabled', 'ON', true);
  all.send('algorithm', 'constructor');
  all.send('reserve', '95');
  all.send('dry_run', 'perhaps');
  await all.home.pass(2);
  t.match(settings(), { enabled: false, dryRun: true, algorithm: 'equal', capacityUpBps: null, reserve: { percent: 10 } });
  t.same(all.bad.splice(0), ['headgate/bandwidth/set/reserve', 'headgate/bandwidth/set/dry_run']);
  all.send('enabled', 'ON');
  all.send('dry_run', 'OFF');
  all.send('boost', JSON.stringify({ viewer: 'main/anna', minutes: 5, mbps: 12 }));
  await all.home.pass(2);
  t.match(all.home.bandwidth.status().boosts, [{ viewer: 'main/anna', bps: 12_000_000 }]);
  t.equal(all.home.limits.get('anna'), 12_000_000);
  all.send('boost_viewer', 'nobody');
  await all.home.pass(2);
  t.same(all.home.bandwidth.status().boosts, []);
  all.send('boost_viewer', 'main/nobody knows');
  all.send('boost_viewer', 'main/ben');
  await all.home.pass(2);
  t.match(all.home.bandwidth.status().boosts, [{ viewer: 'main/ben', bps: null }]);
  all.send('override', JSON.stringify({ minutes: 5, max_per_viewer_mbps: 3 }));
  all.send('pause', '10000000');
  await all.home.pass(2);
  t.equal(settings().maxPerViewerBps, 3_000_000);
  all.send('pause', '30');
  await all.home.pass(2);
  t.same([settings().enabled, all.home.limits.get('anna')], [false, 0]);
  all.send('pause', '0');
  await all.home.pass(2);
  t.equal(settings().enabled, true);
  all.send('restore', 'PRESS');
  await all.home.pass(2);
  t.same([settings().enabled, all.home.limits.get('anna'), all.home.bandwidth.status().held], [false, 0, 0]);
});
