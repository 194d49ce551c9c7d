// Which notifications cost a look, and how often one is looked for that the list does not show.
import t from 'tap';
import { createPlayClaims, type PlayEvent } from '../../src/plex/play-claims.ts';
import type { Remembered, StreamMemory } from '../../src/plex/playing-streams.ts';

const event = (fields: Partial<PlayEvent> = {}): PlayEvent => ({
  key: '1',
  item: 'film',
  state: 'playing',
  positionMs: 0,
  ...fields,
});
const shown = (fields: Partial<Remembered> = {}, key = '1'): StreamMemory =>
  new Map([[key, { item: 'film', state: 'playing', startedAt: 0, positionMs: 0, heardAt: 0, ...fields }]]);

t.test('a start is looked for at once, then six times within 10 s, then left to the safety poll', async (t) => {
  const claims = createPlayClaims();
  t.ok(claims.note(event(), 1000));
  t.notOk(claims.note(event(), 1010), 'said again it is no news');
  const waits = [1040, 1210, 1510, 2110, 3310, 6010, 11_010].map((now) => claims.listed(new Map(), now));
  t.same(waits, [160, 290, 590, 1190, 2690, 4990, null]);
  t.notOk(claims.note(event(), 12_000), 'its progress either');
  t.equal(claims.listed(new Map(), 400_000), null);
  t.ok(claims.note(event(), 400_100), 'after five minutes it is tried anew');
});

t.test('what the list confirms is no longer looked for, and its progress costs nothing', async (t) => {
  const claims = createPlayClaims();
  t.ok(claims.note(event(), 0));
  t.ok(claims.hasNamed('1'));
  t.equal(claims.listed(shown(), 100), null);
  for (let at = 10_000; at < 100_000; at += 10_000) t.notOk(claims.note(event({ positionMs: at }), at));
});

t.test('what is news', async (t) => {
  const cases: readonly (readonly [string, Partial<PlayEvent>, StreamMemory, boolean])[] = [
    ['another state', { state: 'paused' }, shown(), true],
    ['another item', { item: 'next' }, shown(), true],
    ['a seek', { positionMs: 900_000 }, shown(), true],
    ['the end', { state: 'stopped' }, shown(), true],
    ['the end of what is not shown', { state: 'stopped', key: '9', item: 'other' }, shown(), false],
    ['the end under a new key', { state: 'stopped', key: '9' }, shown(), true],
    ['live TV, whose item is not listed', { item: '77' }, shown({ item: null, positionMs: null }), false],
    ['a state that is not listed', { state: 'paused' }, shown({ state: null }), false],
    ['no key, but the item is shown', { key: null }, shown(), false],
    ['no key, another state', { key: null, state: 'paused' }, shown(), true],
    ['no key, and nothing like it', { key: null, item: 'other' }, shown(), true],
  ];
  for (const [what, fields, list, isNews] of cases) {
    const claims = createPlayClaims();
    claims.listed(list, 0);
    t.equal(claims.note(event(fields), 5000), isNews, what);
  }
});

t.test('what says neither who nor how is looked for each time, the first time for longer', async (t) => {
  for (const fields of [{ state: null }, { key: null, item: null }]) {
    const claims = createPlayClaims();
    claims.listed(shown(), 0);
    t.ok(claims.note(event(fields), 1000));
    t.equal(claims.listed(shown(), 1040), 160);
    t.equal(claims.listed(shown(), 11_040), null);
    t.ok(claims.note(event(fields), 11_100));
    t.equal(claims.listed(shown(), 11_140), null);
  }
  t.notOk(createPlayClaims().note(event({ key: null, item: null, state: 'stopped' }), 0), 'the end of nobody is nothing');
});

t.test('a new socket forgets', async (t) => {
  const claims = createPlayClaims();
  claims.note(event(), 0);
  claims.forget();
  t.notOk(claims.hasNamed('1'));
  t.equal(claims.listed(new Map(), 10), null);
});
