// Whom the tracker tells of whom (ruling 5), for how long, and how many.
import t from 'tap';
import { type Announced, createTracker, INTERVAL_S, MAX_WANTED, type TrackerDeps } from '../../src/distribution/tracker.ts';

const HASH = 'a'.repeat(40);

function open(deps: Partial<TrackerDeps> = {}) {
  let now = 0;
  const tracker = createTracker({ site: 'home', publicAddress: null, seederOf: () => null, now: () => now, ...deps });
  const come = (address: string, site = 'home', more: Partial<Announced> = {}) =>
    tracker
      .announce({ infoHash: HASH, address, port: 7_000, site, left: 0, isStopped: false, wanted: 50, ...more })
      .peers.map((peer) => `${peer.address}:${peer.port}`)
      .sort();
  const pass = (ms: number): void => {
    now += ms;
  };
  return { come, tracker, pass };
}

t.test('peers of one place see each other by their own addresses; other places need a public one', async (t) => {
  const { come } = open({ publicAddress: '203.0.113.9' });
  come('192.168.1.5');
  t.same(come('192.168.1.6', 'home', { port: 7_001 }), ['192.168.1.5:7000']);
  t.same(come('198.51.100.7', 'cabin'), ['203.0.113.9:7000', '203.0.113.9:7001']);
  t.same(come('192.168.1.5'), ['192.168.1.6:7001', '198.51.100.7:7000']);
});

t.test('without a public address nobody elsewhere hears of those at home', async (t) => {
  const { come } = open();
  come('192.168.1.5');
  come('127.0.0.1');
  come('fd00::5');
  t.same(come('198.51.100.7', 'cabin'), []);
  t.same(come('10.0.0.2', 'cabin'), ['198.51.100.7:7000']);
  t.same(come('198.51.100.9', 'farm'), ['198.51.100.7:7000'], 'nor of those inside another place');
});

t.test('loopback is told to loopback only', async (t) => {
  const { come } = open();
  come('127.0.0.1');
  t.same(come('192.168.1.5'), []);
  t.same(come('127.0.0.1', 'home', { port: 7_001 }), ['127.0.0.1:7000', '192.168.1.5:7000']);
});

t.test('our own seeder is a peer of everybody who can reach it', async (t) => {
  const seeder = { address: '192.168.1.2', port: 6_881 };
  const { come, tracker } = open({ seederOf: (hash) => (hash === HASH ? seeder : null), publicAddress: '203.0.113.9' });
  t.same(come('192.168.1.5'), ['192.168.1.2:6881']);
  t.same(come('198.51.100.7', 'cabin', { isStopped: true }), []);
  t.same(come('198.51.100.7', 'cabin'), ['203.0.113.9:6881', '203.0.113.9:7000']);
  const other = { infoHash: 'b'.repeat(40), address: '192.168.1.5', port: 1, site: 'home', left: 1, isStopped: false, wanted: 9 };
  t.match(tracker.announce(other), { peers: [], complete: 0, incomplete: 1 });
});

t.test('who does not come again is forgotten', async (t) => {
  const { come, pass } = open();
  come('192.168.1.5');
  pass(2 * INTERVAL_S * 1_000);
  t.equal(come('192.168.1.6').length, 1);
  pass(INTERVAL_S * 1_000);
  t.same(come('192.168.1.7'), ['192.168.1.6:7000']);
});

t.test('nobody is told of more than a bounded number', async (t) => {
  const { come } = open();
  for (let i = 0; i < 300; i += 1) come('192.168.1.5', 'home', { port: 8_000 + i });
  t.equal(come('192.168.1.6', 'home', { wanted: 1_000 }).length, MAX_WANTED);
  t.equal(come('192.168.1.6', 'home', { wanted: 3 }).length, 3);
});
