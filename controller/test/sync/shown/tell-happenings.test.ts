// What people are told of sync: once for an outage, a meeting, a clock; many dead letters as one.
import t from 'tap';
import type { SyncHappening } from '../../../src/sync/happenings.ts';
import { createPresence } from '../../../src/sync/shown/presence.ts';
import { createTellHappenings, type ToldEvent } from '../../../src/sync/shown/tell-happenings.ts';

function open() {
  const now = { ms: 1_000_000 };
  const told: ToldEvent[] = [];
  const skews = new Map<string, { ms: number; plusMinusMs: number }>();
  const events = createTellHappenings({
    servers: ['attic', 'barn'],
    clocks: { skew: (server) => skews.get(server) ?? null },
    tell: (event) => told.push(event),
    nowMs: () => now.ms,
  });
  const presence = createPresence(() => now.ms, events.happened);
  return { now, told, skews, events, presence, types: () => told.map(({ type }) => type) };
}

const letter = (n: number): SyncHappening => ({
  ...{ kind: 'dead-letter', server: 'barn', person: 'anna', itemName: `Film ${n}`, problem: 'HTTP 400' },
});

t.test('an outage is told when it begins and when it ends, with its length', async (t) => {
  const { now, told, presence } = open();
  presence.heard('barn', null);
  t.same(told, [], 'it was well');
  presence.heard('barn', 'refused');
  now.ms += 90_000;
  presence.heard('barn', 'refused again');
  t.match(presence.away('barn'), { sinceMs: 1_000_000, problem: 'refused again' });
  t.equal(presence.away('attic'), null);
  presence.heard('barn', null);
  t.match(told, [
    { type: 'sync_server_away', severity: 'warning', details: { server: 'barn', problem: 'refused' } },
    { type: 'sync_server_back', severity: 'info', text: /after 90 s/, details: { away_s: 90 } },
  ]);
  t.equal(presence.away('barn'), null);
});

t.test('the first that is set aside is told at once, what follows within a minute together', async (t) => {
  const { now, told, events } = open();
  for (const n of [1, 2, 3]) events.happened(letter(n));
  t.match(told, [{ type: 'sync_set_aside', text: /^Film 1 of anna .*HTTP 400$/, details: { count: 1 } }]);
  now.ms += 30_000;
  events.look();
  t.equal(told.length, 1);
  now.ms += 31_000;
  events.look();
  t.match(told[1], { text: /^Film 3 of anna .*\(and 1 more\)$/, details: { count: 2 } });
  now.ms += 120_000;
  events.look();
  t.equal(told.length, 2);
});

t.test('a clock that is far off is told once, and again after it was set', async (t) => {
  const { told, skews, events, types } = open();
  skews.set('barn', { ms: -10_900, plusMinusMs: 1_000 });
  events.look();
  t.same(types(), [], 'it may be less than it seems');
  skews.set('barn', { ms: -42_400, plusMinusMs: 50 });
  events.look();
  events.look();
  t.match(told, [{ type: 'sync_clock_off', text: /barn is 42 s behind ours/, details: { skew_s: -42 } }]);
  skews.delete('barn');
  events.look();
  skews.set('barn', { ms: 60_000, plusMinusMs: 50 });
  events.look();
  t.match(told[1], { text: /60 s ahead of ours/ });
});

t.test('a first meeting is told; hooks and deliveries are not', async (t) => {
  const { told, events } = open();
  events.happened({ kind: 'hook', server: 'attic' });
  events.happened({ kind: 'delivered', server: 'attic', success: true, atMs: 5 });
  events.happened({ kind: 'met', server: 'attic', person: 'anna', touched: 12, joined: 3 });
  t.match(told, [{ type: 'sync_first_meeting', text: /12 items touched, 3 with news/ }]);
});

t.test('hooks that get lost are told at the first, and when they come again', async (t) => {
  const { told, events } = open();
  for (const isFirst of [true, false]) events.happened({ kind: 'hook-lost', server: 'barn', isFirst });
  events.happened({ kind: 'hooks-back', server: 'barn' });
  t.match(told, [
    { type: 'sync_hooks_lost', severity: 'warning', text: /hooks of barn get lost/, details: { server: 'barn' } },
    { type: 'sync_hooks_back', severity: 'info', text: /hooks of barn come again/ },
  ]);
  t.equal(told.length, 2);
});
