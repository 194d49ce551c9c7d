// The report: what matters first, never more than a reader takes, never more often than once a second.
import { MAX_PAYLOAD_BYTES, nodeReport } from '@headgate/protocol';
import t from 'tap';
import * as z from 'zod/mini';
import { createFakeClock } from '../../../agent-router/test/fake-clock.ts';
import type { ItemRow } from '../../src/report/item-board.ts';
import { reportOf } from '../../src/report/node-report.ts';
import { createReporter } from '../../src/report/reporter.ts';

const row = (path: string, change: Partial<ItemRow> = {}): ItemRow => ({
  ...{
    group: 'family',
    title: path,
    path,
    infoHash: null,
    state: 'placed',
    bytesDone: 10,
    bytesTotal: 10,
    problem: null,
    isMissed: false,
  },
  ...change,
});
const parts = {
  atMs: 0,
  site: 'home',
  isPaused: false,
  freeBytes: 5,
  leaseLeftS: null,
  groups: [],
  jellyfin: null,
  downBps: () => 8,
  swarm: new Map(),
  away: { upBps: 3, downBps: 4 },
};

t.test('what is not placed comes first, the rest is counted, and the whole fits a message', async (t) => {
  const rows = [
    ...Array.from({ length: 2_000 }, (_, index) => row(`${'ü'.repeat(150)}${index}`)),
    row('bad', { state: 'failed', problem: 'x'.repeat(5_000) }),
    row('now', { state: 'downloading' }),
  ];
  const report = reportOf({ ...parts, rows });
  t.same(
    report.items.slice(0, 2).map(({ path }) => path),
    ['now', 'bad'],
  );
  t.equal(report.items.length, 22, 'of what is placed some');
  t.equal(report.items.length - 2 + report.more_placed, 2_000);
  const waiting = reportOf({ ...parts, rows: rows.map((one) => ({ ...one, state: 'waiting' as const })) });
  t.ok(waiting.items.length > 100 && Buffer.byteLength(JSON.stringify(waiting)) < MAX_PAYLOAD_BYTES, 'of what is not, what fits');
  t.ok(Buffer.byteLength(JSON.stringify(report)) < MAX_PAYLOAD_BYTES);
  t.ok(z.safeParse(nodeReport, report).success);
});

t.test('of what is placed, what others load is named first', async (t) => {
  const hash = 'a'.repeat(40);
  const rows = [...Array.from({ length: 50 }, (_, index) => row(`${index}`)), row('loaded', { infoHash: hash })];
  const { items, more_placed } = reportOf({ ...parts, rows, swarm: new Map([[hash, { upBps: 1, peers: 1 }]]) });
  t.match([items[0]?.path, items.length, more_placed], ['loaded', 20, 31]);
});

t.test('who gives to others says so', async (t) => {
  const hash = 'a'.repeat(40);
  const report = reportOf({
    ...parts,
    rows: [row('a', { infoHash: hash }), row('b')],
    swarm: new Map([[hash, { upBps: 80, peers: 2 }]]),
  });
  t.match(report, {
    up_bps: 80,
    items: [
      { seeding: true, up_bps: 80, peers: 2 },
      { seeding: false, up_bps: 0 },
    ],
  });
});

t.test(
  'progress alone is told more and more seldom, up to each ten seconds; whatever else happens within a second',
  async (t) => {
    const clock = createFakeClock();
    const said: number[] = [];
    const rows = [row('a', { state: 'downloading', bytesDone: 0 })];
    const ending = new AbortController();
    t.teardown(() => ending.abort());
    const make = async () => {
      said.push(clock.monotonic());
      return reportOf({ ...parts, rows });
    };
    const changed = createReporter({ make, say: () => {}, failed: t.error, clock }, ending.signal);
    changed();
    for (let at = 0; at < 600; at += 1) {
      await clock.advance(250);
      changed('progress');
    }
    const gaps = said.slice(1).map((at, index) => at - (said[index] ?? 0));
    t.ok((gaps[0] ?? 0) <= 1_500, `${gaps}`);
    t.ok(
      gaps.every((gap) => gap >= 1_000 && gap <= 10_250),
      `${gaps}`,
    );
    t.ok(gaps.at(-1) === 10_000, `${gaps}`);
    const before = said.length;
    changed();
    await clock.advance(1_000);
    t.equal(said.length, before + 1, 'a change of state is told at once');
    changed('progress');
    await clock.advance(1_500);
    t.equal(said.length, before + 2, 'and begins the rhythm anew');
  },
);

t.test('row 250: many changes are one report a second, with the rate since the last', async (t) => {
  const clock = createFakeClock();
  const said: number[] = [];
  const rows = [row('a', { state: 'downloading', bytesDone: 0 })];
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const make = async (downBps: (one: ItemRow) => number) => reportOf({ ...parts, downBps, rows });
  const changed = createReporter(
    { make, say: (report) => said.push(report.items[0]?.down_bps ?? -1), failed: t.error, clock },
    ending.signal,
  );
  changed();
  await clock.advance(10);
  for (let at = 1; at <= 20; at += 1) {
    rows[0] = row('a', { state: 'downloading', bytesDone: at * 1_000 });
    changed();
    await clock.advance(100);
  }
  await clock.advance(1_000);
  t.equal(said.length, 3);
  t.ok(Math.abs((said[2] ?? 0) - 80_000) <= 8_000, `${said}`);
});

t.test('a node to which nothing happens says so each five minutes: else it would be taken for silent', async (t) => {
  const clock = createFakeClock();
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  let said = 0;
  const say = (): void => {
    said += 1;
  };
  createReporter({ make: async () => reportOf({ ...parts, rows: [] }), say, failed: t.error, clock }, ending.signal)();
  await clock.advance(299_000);
  t.equal(said, 1);
  await clock.advance(2_000);
  t.equal(said, 2);
  await clock.advance(300_000);
  t.equal(said, 3);
});

t.test('what was wanted and is not there is told from what is left out by choice', async (t) => {
  const rows = [row('chosen', { state: 'skipped', problem: 'not selected' }), row('big', { state: 'skipped', isMissed: true })];
  t.match(reportOf({ ...parts, rows }).items, [
    { path: 'chosen', missed: false },
    { path: 'big', missed: true },
  ]);
});
