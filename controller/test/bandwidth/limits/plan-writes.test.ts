// Rows 2, 26, 33, ruling 5: which writes are due.
import t from 'tap';
import {
  ceilingOf,
  type Moment,
  planWrites,
  sameLimit,
  type Target,
  type Wanted,
} from '../../../src/bandwidth/limits/plan-writes.ts';
import { M } from '../fixtures/decision-input.ts';

const NOW = 1_000_000;
const moment: Moment = { now: NOW, writeIntervalMs: 30_000, newestStartAt: null };
const target = (change: Partial<Target> = {}): Target => ({
  key: 'k',
  currentBps: 10 * M,
  originalBps: 0,
  writtenAt: NOW - 5_000,
  busy: false,
  rounded: (bps) => bps,
  ...change,
});
const plan = (
  capBps: number | null,
  change: Partial<Target> = {},
  when: Partial<Moment> = {},
  urgentAt: number | null = null,
) => {
  const want: Wanted = { key: 'k', capBps, urgentAt };
  return planWrites([want], new Map([['k', target(change)]]), { ...moment, ...when });
};
const cap = (bps: number) => [{ kind: 'cap', key: 'k', bps }];

t.test('ruling 5: one write per user per 30 s, unless it falls by 15 % or more, or it falls and a stream started', async (t) => {
  t.same(plan(12 * M), [], 'a rise waits');
  t.same(plan(12 * M, { writtenAt: NOW - 30_000 }), cap(12 * M), 'for 30 s');
  t.same(plan(12 * M, { writtenAt: null }), cap(12 * M), 'the first write of all does not');
  t.same(plan(8.6 * M), [], 'a fall of 14 % waits');
  t.same(plan(8.5 * M), cap(8.5 * M), 'a fall of 15 % does not');
  t.same(plan(9.5 * M, {}, { newestStartAt: NOW - 1_000 }), cap(9.5 * M), 'any fall after a start does not');
  t.same(plan(9.5 * M, {}, { newestStartAt: NOW - 5_001 }), [], 'a start before the last write is no reason');
  t.same(plan(12 * M, {}, { newestStartAt: NOW - 1_000 }), [], "nor is somebody else's start for a rise");
  t.same(plan(12 * M, {}, {}, NOW - 1_000), cap(12 * M), 'the own start, or the operator, is');
});

t.test('a rise of less than 10 % is noise of the line: it waits 20 intervals, a larger one does not', async (t) => {
  t.same(plan(10.5 * M, { writtenAt: NOW - 300_000 }), [], '5 % after 5 min');
  t.same(plan(10.5 * M, { writtenAt: NOW - 600_000 }), cap(10.5 * M), 'after 10 min');
  t.same(plan(11 * M, { writtenAt: NOW - 30_000 }), cap(11 * M), '10 % after 30 s');
  t.same(plan(10.5 * M, { writtenAt: NOW - 30_000 }, {}, NOW - 1_000), cap(10.5 * M), 'what the operator did is no noise');
  t.same(plan(9.9 * M, { writtenAt: NOW - 30_000 }), cap(9.9 * M), 'and a fall never waits longer');
});

t.test('nothing is due where the cap stands, where nothing was read yet, or while a write is under way', async (t) => {
  t.same(plan(10 * M, { writtenAt: null }), []);
  t.same(plan(4 * M, { currentBps: null }), []);
  t.same(plan(4 * M, { busy: true }), []);
  t.same(planWrites([{ key: 'gone', capBps: M, urgentAt: null }], new Map(), moment), []);
  t.same(plan(10_000_007, { writtenAt: null, rounded: () => 10 * M }), [], 'as the neighbour would give it back');
});

t.test('no limit at all is always too much', async (t) => {
  for (const currentBps of [0, -1]) t.same(plan(40 * M, { currentBps }), cap(40 * M), String(currentBps));
});

t.test('an original is given back at once, where there is one', async (t) => {
  t.same(plan(null), [{ kind: 'restore', key: 'k', bps: 0 }]);
  t.same(plan(null, { originalBps: null }), []);
  t.same(plan(null, { originalBps: -1 }), [{ kind: 'restore', key: 'k', bps: -1 }]);
});

t.test('ruling 5: a torrent limit that follows a noisy WAN is written at most once per 30 s', async (t) => {
  let [currentBps, writtenAt, writes] = [10 * M, 0, 0];
  for (let second = 1; second <= 600; second += 1) {
    const wanted = 10 * M + ((second * 7_919) % 13) * 100_000 - 600_000;
    const [step] = planWrites(
      [{ key: 'k', capBps: wanted, urgentAt: null }],
      new Map([['k', target({ currentBps, writtenAt })]]),
      { ...moment, now: second * 1_000 },
    );
    if (step) [currentBps, writtenAt, writes] = [step.bps, second * 1_000, writes + 1];
  }
  t.ok(writes <= 20, `${writes} writes in 600 s`);
  t.ok(writes >= 15, 'and it does follow');
});

t.test('ruling 1: 0 and −1 mean no ceiling; the tightest counts', async (t) => {
  t.equal(ceilingOf(0), Number.POSITIVE_INFINITY);
  t.equal(ceilingOf(-1, 0), Number.POSITIVE_INFINITY);
  t.equal(ceilingOf(5, 0, 3, -1), 3);
  t.ok(sameLimit(0, -1));
  t.notOk(sameLimit(0, 1));
});
