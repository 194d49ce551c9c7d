// The whole way of a limit: as the bandwidth feature sets it at its client, to the torrent process, the web seed's gate and the nodes of this site.
import { createTypedLink, type NodeLimits, type NodeReport } from '@headgate/protocol';
import t, { type Test } from 'tap';
import { createNodeLeases } from '../../src/distribution/node-leases.ts';
import type { NodeSeen } from '../../src/distribution/nodes.ts';
import { createSeedingClient } from '../../src/distribution/seeding-client.ts';
import { createSendGate } from '../../src/distribution/send-gate.ts';
import { runUplinkSplit } from '../../src/distribution/uplink-split.ts';
import { silentLog } from '../../src/log.ts';
import type { Direction, TorrentReading } from '../../src/neighbours/download-client.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';

const never = new AbortController().signal;

const report = (more: Partial<NodeReport> & { readonly seeding?: boolean }): NodeReport => ({
  ...{ at: '2026-11-27T04:00:00Z', site: 'home', paused: false, free_bytes: null, up_bps: 0, down_bps: 0 },
  ...{ limits_lease_left_s: null, groups: [], jellyfin: null, more_placed: 0 },
  items: [
    {
      ...{
        group: 'family',
        title: 'One',
        path: 'One.mkv',
        state: 'placed',
        bytes_done: 1,
        bytes_total: 1,
        up_bps: 0,
        down_bps: 0,
      },
      ...{ peers: 0, seeding: more.seeding ?? true, problem: null },
    },
  ],
  ...more,
});

async function openSplit(t: Test, ownUpBps: number | null = null) {
  const clock = createFakeClock();
  const broker = createMemoryBroker();
  const link = createTypedLink(broker, 'headgate', () => {});
  const seeding = createSeedingClient({ ownUpBps, clock, log: silentLog });
  const gate = createSendGate(clock);
  const engine = { upBps: 0, downBps: 0, limits: [] as (number | null)[] };
  const nodes = new Map<string, NodeSeen>();
  let ids = 0;
  const running = new AbortController();
  const runs = runUplinkSplit(
    {
      ...{ seeding, gate, clock, site: 'home', nodes: () => [...nodes.values()] },
      engine: { rates: () => engine, limit: ({ upBps }) => void engine.limits.push(upBps) },
      nodeOf: (node) => (node.startsWith('cabin') ? { node, site: 'cabin', groups: [], createdAt: 0 } : null),
      leases: createNodeLeases({ link, newId: () => `${++ids}`, clock, log: silentLog }),
    },
    running.signal,
  );
  const readings: TorrentReading[] = [];
  const watches = seeding.client
    .watch({ reading: (one) => readings.push(one), health: () => {} }, running.signal)
    .catch(() => {});
  const stop = async (): Promise<void> => {
    running.abort();
    await Promise.all([runs, watches]);
  };
  t.teardown(stop);
  const said = (node: string): NodeLimits[] =>
    broker.sent
      .filter(({ topic }) => topic === `headgate/node/${node}/limits`)
      .map(({ payload }) => JSON.parse(payload) as NodeLimits);
  return {
    ...{ clock, broker, seeding, gate, engine, readings, said, stop },
    limit: (bps: number, direction: Direction = 'upload') =>
      seeding.client.changeLimit({ direction, mode: 'normal' }, async () => bps, never),
    hear: (node: string, one: NodeReport, isOnline = true) =>
      nodes.set(node, { node, report: one, heardAt: 0, isOnline, staleSince: null, version: '1' }),
  };
}

t.test('a limit holds for torrents and web seed together, from when it is set; its end is at once as well', async (t) => {
  const { clock, seeding, gate, engine, limit, readings } = await openSplit(t);
  engine.upBps = 9_000_000;
  await clock.advance(1_000);
  t.same(engine.limits, [], 'nothing is limited that was not');
  t.match(readings.at(-1), {
    uploadBps: 9_000_000,
    uploadLimitBps: { normal: 0 },
    downloadLimitBps: null,
    limitsLanPeers: false,
  });
  t.match(await limit(4_000_000), { beforeBps: 0, afterBps: 4_000_000, written: true });
  await clock.settle();
  t.equal(gate.isClosed(), false);
  t.ok((engine.limits.at(-1) ?? 0) >= 3_000_000 && (engine.limits.at(-1) ?? 0) <= 4_000_000, 'the web seed rests');
  await limit(0);
  await clock.settle();
  t.equal(engine.limits.at(-1), null);
  await seeding.client.pausing.pause(await seeding.client.pausing.running(never), never);
  await clock.settle();
  t.same([engine.limits.at(-1), gate.isClosed()], [0, true]);
  t.same(await seeding.client.pausing.running(never), []);
  await seeding.client.pausing.resume(['*'], never);
  await clock.settle();
  t.same([engine.limits.at(-1), gate.isClosed()], [null, false]);
});

t.test("the user's own limit is the one to come back to, and never exceeded", async (t) => {
  const { clock, seeding, engine, limit } = await openSplit(t, 5_000_000);
  await clock.settle();
  t.equal(seeding.limits().upBps, 5_000_000);
  t.match(await limit(2_000_000), { beforeBps: 5_000_000 });
  t.equal(seeding.limits().upBps, 2_000_000);
  await limit(8_000_000);
  t.equal(seeding.limits().upBps, 5_000_000);
  await limit(0);
  t.equal(seeding.limits().upBps, 5_000_000);
  await clock.advance(500);
  t.ok((engine.limits.at(-1) ?? 0) <= 5_000_000);
});

t.test('nodes of this site get their share as leases, said again before they end, and lifted; others get none', async (t) => {
  const { clock, engine, limit, hear, said, readings, stop, broker } = await openSplit(t);
  hear('pi', report({ up_bps: 9_000_000, away_up_bps: 6_000_000 }));
  hear('cabin-pi', report({ up_bps: 3_000_000 }));
  hear('far', report({ site: 'cabin', up_bps: 3_000_000 }));
  hear('gone', report({ up_bps: 3_000_000 }), false);
  hear('quiet', report({ seeding: false }));
  engine.upBps = 6_000_000;
  await clock.advance(2_000);
  t.equal(readings.at(-1)?.uploadBps, 12_000_000, 'only what goes over this uplink');
  t.same(broker.sent, []);
  await limit(4_000_000);
  await clock.advance(1_500);
  const [first] = said('pi');
  t.match(first, { down_bps: null, ttl_s: 30 });
  t.ok((said('pi').at(-1)?.up_bps ?? 0) + (engine.limits.at(-1) ?? 0) <= 4_000_000);
  t.ok((said('pi').at(-1)?.up_bps ?? 0) > 1_500_000, 'about half: both send all they may');
  for (const other of ['cabin-pi', 'far', 'gone', 'quiet']) t.same(said(other), [], other);
  const before = said('pi').length;
  await clock.advance(30_000);
  t.ok(said('pi').length >= before + 3);
  await limit(100_000);
  await clock.settle();
  t.ok((said('pi').at(-1)?.up_bps ?? 0) <= 50_000, 'a fall is told at once');
  t.ok(broker.sent.every(({ retain }) => !retain));
  await limit(0);
  await clock.settle();
  t.match(said('pi').at(-1), { up_bps: null, down_bps: null });
  const lifted = said('pi').length;
  await clock.advance(30_000);
  t.equal(said('pi').length, lifted, 'and nothing more');
  await limit(4_000_000);
  await clock.advance(1_000);
  t.ok((said('pi').at(-1)?.up_bps ?? 0) > 0);
  await stop();
  t.match(said('pi').at(-1), { up_bps: null, down_bps: null }, 'who stops leaves nothing');
  t.equal(engine.limits.at(-1), null);
});

t.test(
  'what nodes of this site fetch from elsewhere is limited as downloads are; without a broker it is said when there is one',
  async (t) => {
    const { clock, limit, hear, said, readings, broker } = await openSplit(t);
    const items = report({}).items.map((one) => ({ ...one, state: 'downloading' as const }));
    hear('pi', report({ items, down_bps: 30_000_000, away_down_bps: 20_000_000 }));
    await clock.advance(1_000);
    t.match(readings.at(-1), { downloadBps: 20_000_000, downloadLimitBps: { normal: 0 } });
    broker.setConnected(false);
    await limit(8_000_000, 'download');
    await clock.advance(1_000);
    broker.setConnected(true);
    t.same(said('pi'), []);
    await clock.advance(5_000);
    t.match(said('pi').at(-1), { up_bps: null, down_bps: 8_000_000 });
  },
);
