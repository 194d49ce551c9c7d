// What counts as a loss, and when it is too much.
import t from 'tap';
import { hasShrunk, isTooMuch, jumpOf, lostIn, mostLosses } from '../../../src/sync/guard/count-losses.ts';

t.test('a loss is what a person had and has no more; counts and dates go alongside', (t) => {
  const seen = { played: true, playCount: 3, positionMs: 0, favourite: true, rating: 8, lastPlayedMs: 5_000 };
  const all = [
    { field: 'played' as const, before: true, after: false },
    { field: 'playCount' as const, before: 3, after: 0 },
    { field: 'favourite' as const, before: true, after: false },
    { field: 'rating' as const, before: 8, after: null },
    { field: 'lastPlayedMs' as const, before: 5_000, after: null },
  ];
  t.same(lostIn(all, seen, { played: false, lastPlayedMs: null }), {
    losses: ['played', 'favourite', 'rating'],
    alongside: ['playCount', 'lastPlayedMs'],
  });
  t.same(lostIn([{ field: 'positionMs', before: 60_000, after: 0 }], { positionMs: 60_000 }, {}).losses, ['positionMs']);
  t.end();
});

t.test('gains, other values, and what was never seen there are no losses', (t) => {
  const none = { losses: [], alongside: [] };
  t.same(lostIn([{ field: 'played', before: false, after: true }], { played: false }, {}), none);
  t.same(lostIn([{ field: 'positionMs', before: 60_000, after: 1_000 }], { positionMs: 60_000 }, {}), none);
  t.same(lostIn([{ field: 'rating', before: 8, after: 2 }], { rating: 8 }, {}), none);
  t.same(lostIn([{ field: 'playCount', before: 1, after: 2 }], { playCount: 1 }, {}), none);
  t.same(lostIn([{ field: 'lastPlayedMs', before: 5, after: 9_000 }], { lastPlayedMs: 5 }, {}), none);
  t.same(
    lostIn([{ field: 'played', before: true, after: false }], {}, {}),
    none,
    'agreed elsewhere, but this server never had it',
  );
  t.end();
});

t.test('a position that is over is no loss: the film was watched to its end, or begins anew', (t) => {
  const gone = [{ field: 'positionMs' as const, before: 60_000, after: 0 }];
  const seen = { played: false, positionMs: 60_000, lastPlayedMs: 1_000 };
  t.same(lostIn(gone, seen, { played: true, positionMs: 0 }).losses, []);
  t.same(lostIn(gone, { ...seen, played: true }, { positionMs: 0 }).losses, []);
  t.same(lostIn(gone, seen, { positionMs: 0, lastPlayedMs: 2_000 }).losses, []);
  t.same(lostIn(gone, seen, { played: false, positionMs: 0, lastPlayedMs: 1_000 }).losses, ['positionMs']);
  t.end();
});

t.test('20 are always let through, and 5 percent where that is more', (t) => {
  const limits = { losses: 20, percent: 5 };
  t.notOk(isTooMuch(20, 0, limits));
  t.ok(isTooMuch(21, 0, limits));
  t.ok(isTooMuch(21, 400, limits));
  t.notOk(isTooMuch(21, 420, limits));
  t.equal(mostLosses(1_000, limits), 50);
  t.ok(isTooMuch(51, 1_000, limits));
  t.equal(mostLosses(1_000, { losses: 20, percent: 0 }), 20);
  t.end();
});

t.test('a library that lost a tenth has shrunk', (t) => {
  t.ok(hasShrunk({ before: 100, after: 90 }));
  t.notOk(hasShrunk({ before: 100, after: 91 }));
  t.notOk(hasShrunk({ before: 100, after: 130 }));
  t.notOk(hasShrunk({ before: 0, after: 0 }));
  t.ok(hasShrunk({ before: 5, after: 0 }));
  t.end();
});

t.test('a clock jumps by minutes; what cannot be told for sure is no jump', (t) => {
  const at = (ms: number, plusMinusMs = 1_000) => ({ ms, plusMinusMs });
  t.equal(jumpOf(null, at(300_000)), 0);
  t.equal(jumpOf(at(0), at(300_000)), 300_000);
  t.equal(jumpOf(at(300_000), at(0)), -300_000);
  t.equal(jumpOf(at(0), at(121_000)), 0, 'it may be 119 s');
  t.equal(jumpOf(at(0, Number.POSITIVE_INFINITY), at(300_000)), 0);
  t.end();
});
