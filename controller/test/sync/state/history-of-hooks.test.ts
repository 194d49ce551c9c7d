// What hooks tell that come late, out of order, or beside our own reading and writing. Each of these was found by the model.
import t from 'tap';
import { untouched, type WatchChange, type WatchState } from '../../../src/neighbours/watch-state.ts';
import { historyOf, newsIn } from '../../../src/sync/state/history-of-hooks.ts';
import { observe, type Registers } from '../../../src/sync/state/observe.ts';
import type { Point } from '../../../src/sync/state/past.ts';
import type { Found, Known, Told } from '../../../src/sync/state/replay.ts';
import { beforeReset } from '../../../src/sync/state/rewatch.ts';

const NOW = 10_000;
const known = (seen: Partial<WatchState>, more: Partial<Known> = {}): Known => ({
  seen: { ...untouched, ...seen },
  ...{ past: [], readMs: 1_000, hookMs: null },
  ...more,
});
const told = (ms: number, has: WatchChange, more: Partial<Told> = {}): Told => ({
  ...{ ms, has: { ...untouched, ...has }, unmeant: [], sureMs: 10, isNewest: true },
  ...more,
});
const found = (ms: number, state: Partial<WatchState>): Found => ({ ms, state: { ...untouched, ...state } });
const wrote = (fromMs: number, toMs: number | null, was: WatchChange, is: WatchChange): Point => ({
  ...{ by: 'write', fromMs, toMs, was, is },
});

/** What is agreed after it, where nothing was before. */
function agreed(history: ReturnType<typeof historyOf>, before: Registers = {}): Registers {
  let registers = before;
  for (const { before: seen, ...saying } of history.sayings)
    registers = observe(registers, seen, { ...saying, origin: 'barn' }).registers;
  return registers;
}
const at = (registers: Registers, field: keyof WatchState) => [registers[field]?.value, registers[field]?.at.ms];

t.test('row 302: an echo of our own writing is no news, whichever side of it the clock seems to be', async (t) => {
  const after = known({ favourite: true }, { past: [wrote(5_000, 5_020, { favourite: false }, { favourite: true })] });
  for (const ms of [4_995, 5_010, 5_025]) t.same(newsIn(after, told(ms, { favourite: true })), [], `${ms}`);
  t.same(newsIn(after, told(4_900, { favourite: true })), ['favourite'], 'somebody set it long before we did');
});

t.test('of several hooks each says what was done at its time: a later one makes nothing of it later', async (t) => {
  const history = historyOf(
    known({}),
    [told(2_000, { favourite: true }), told(3_000, { favourite: true, rating: 10 })],
    null,
    NOW,
  );
  const registers = agreed(history);
  t.same(
    [at(registers, 'favourite'), at(registers, 'rating')],
    [
      [true, 2_000],
      [10, 3_000],
    ],
  );
});

t.test('row 303: on and off again counts from the off, though nothing is another in the end', async (t) => {
  const registers = agreed(historyOf(known({}), [told(2_000, { favourite: true }), told(3_000, {})], null, NOW));
  t.same(at(registers, 'favourite'), [false, 3_000]);
});

t.test('on and off again, read before the first of them was heard: the second still has its own time', async (t) => {
  const before = known({}, { readMs: 4_000 });
  const first = historyOf(before, [told(2_000, { favourite: true })], found(4_500, {}), NOW);
  const off = agreed(first);
  t.same([off.favourite?.value, (off.favourite?.at.ms ?? 0) < 3_000], [false, true], 'set back after that, nobody knows when');
  const then = known({}, { readMs: 4_500, hookMs: 2_000, past: first.past });
  t.same(newsIn(then, told(3_000, {})), ['favourite']);
  t.same(at(agreed(historyOf(then, [told(3_000, {})], found(4_600, {}), NOW), off), 'favourite'), [false, 3_000]);
});

t.test('what somebody did between our reading and our writing stands, though we have covered it', async (t) => {
  const covered = known(
    { positionMs: 60_000 },
    { readMs: 5_020, past: [wrote(5_000, 5_020, { positionMs: 0 }, { positionMs: 60_000 })] },
  );
  const history = historyOf(covered, [told(5_005, { positionMs: 900_000 })], found(5_100, { positionMs: 60_000 }), NOW);
  t.same(at(agreed(history), 'positionMs'), [900_000, 5_005]);
  t.equal(history.has.positionMs, 60_000, 'it is not there any more');
  const since = known(
    {},
    { readMs: 7_000, past: [...history.past, wrote(6_990, 7_000, { positionMs: 60_000 }, { positionMs: 0 })] },
  );
  t.same(newsIn(since, told(6_000, { positionMs: 60_000 })), ['positionMs'], 'another than now');
  t.same(agreed(historyOf(since, [told(6_000, { positionMs: 60_000 })], found(7_100, {}), NOW)), {}, 'and was ours');
});

t.test('what we wrote and never heard of is no wish of anybody', async (t) => {
  const crashed = known({}, { past: [wrote(5_000, null, { favourite: false }, { favourite: true })] });
  t.same(newsIn(crashed, told(5_003, {})), []);
  t.same(agreed(historyOf(crashed, [told(5_003, { favourite: true })], found(6_000, { favourite: true }), NOW)), {}, 'done');
  const rated = historyOf(crashed, [told(4_900, { rating: 1 })], found(6_000, { rating: 1 }), NOW);
  t.same(Object.keys(agreed(rated)), ['rating'], 'not done');
});

t.test('a reading that finds it otherwise by now has found what was done last', async (t) => {
  const history = historyOf(known({}), [told(2_000, { rating: 10 })], found(4_000, { rating: 1 }), NOW);
  t.same(at(agreed(history), 'rating'), [1, 4_000]);
});

t.test('row 314: what came out of order is put in order by the moment in which it was made', async (t) => {
  const late = known(
    { positionMs: 900_000 },
    { hookMs: 3_000, past: [{ by: 'hook', fromMs: 3_000, toMs: 3_000, was: { positionMs: 0 }, is: { positionMs: 900_000 } }] },
  );
  const before: Registers = { positionMs: { value: 900_000, at: { ms: 3_000, count: 0, origin: 'barn' } } };
  const history = historyOf(
    late,
    [told(2_000, { positionMs: 400_000 }, { isNewest: false })],
    found(4_000, { positionMs: 900_000 }),
    NOW,
  );
  t.same(at(agreed(history, before), 'positionMs'), [900_000, 3_000]);
});

t.test('ruling 4: unwatched because it is watched again says nothing, also where it is read before it is heard', async (t) => {
  const watched = { played: true, playCount: 1, lastPlayedMs: 1_000 };
  const again = { played: false, playCount: 2, lastPlayedMs: 3_000 };
  const heard = historyOf(known(watched), [told(3_000, again, { unmeant: ['played'] })], null, NOW);
  t.notOk('played' in agreed(heard));
  t.equal(heard.has.played, false);
  const before = historyOf(known({}, { readMs: 3_500 }), [told(2_000, watched)], found(4_000, again), NOW);
  t.same(at(agreed(before), 'played'), [true, 2_000], 'watched, and begun again before we looked');
});

t.test(
  'ruling 4: of a beginning whose hook was lost, the next hook says nothing of unwatched either, whatever it is about',
  async (t) => {
    const watched = { played: true, playCount: 1, lastPlayedMs: 1_000 };
    const rated = { played: false, playCount: 2, lastPlayedMs: 3_000, rating: 10 };
    const history = historyOf(known(watched), [told(4_000, rated)], found(4_100, rated), NOW);
    t.same(Object.keys(agreed(history)).sort(), ['lastPlayedMs', 'playCount', 'rating']);
    t.equal(history.has.played, false, 'though it is so there');
  },
);

t.test('who resets what is watched again has marked it unwatched', async (t) => {
  const again = known({ played: false, playCount: 2, lastPlayedMs: 3_000 });
  const { sayings } = historyOf(again, [told(4_000, {})], null, NOW);
  t.same(
    sayings.map(({ said, before }) => [said.played, said.playCount, said.lastPlayedMs, before.played]),
    [[false, 0, null, true]],
  );
});

t.test('what looks like an echo, and was otherwise when we looked last, somebody has done', async (t) => {
  const past = [
    wrote(3_000, 3_010, { favourite: true }, { favourite: false }),
    wrote(3_500, 3_510, { favourite: false }, { favourite: true }),
  ];
  const since = known({ favourite: true }, { readMs: 3_510, past });
  const history = historyOf(since, [told(3_600, {}, { sureMs: 1_000 })], found(4_000, {}), NOW);
  t.same(at(agreed(history), 'favourite'), [false, 3_600]);
  const then = known({}, { readMs: 4_000, hookMs: 3_600, past: history.past });
  t.same(newsIn(then, told(5_000, {})), [], 'and has it from then on');
  const again = [...history.past, wrote(6_000, 6_010, { favourite: false }, { favourite: true })];
  t.same(newsIn(known({ favourite: true }, { readMs: 6_010, past: again }), told(5_000, {})).length, 1, 'another than now');
  t.same(
    agreed(
      historyOf(
        known({ favourite: true }, { readMs: 6_010, past: again }),
        [told(5_000, {})],
        found(7_000, { favourite: true }),
        NOW,
      ),
    ),
    {},
  );
});

t.test('what was held back for long is older than what a reading has found since', async (t) => {
  const reset: Point = { by: 'read', fromMs: 5_000, toMs: 5_000, was: { positionMs: 900_000 }, is: { positionMs: 0 } };
  const since = known({}, { readMs: 5_000, hookMs: 1_500, past: [reset] });
  const before: Registers = { positionMs: { value: 0, at: { ms: 5_000, count: 0, origin: 'barn' } } };
  const history = historyOf(
    { ...since, past: [{ ...reset, was: { positionMs: 0 } }] },
    [told(2_000, { positionMs: 400_000 })],
    found(6_000, {}),
    NOW,
  );
  t.same(agreed(history, before).positionMs, before.positionMs);
});

t.test('who resets it just before we write that it is watched is later than that', async (t) => {
  const watched = { played: true, playCount: 2, lastPlayedMs: 900 };
  const point = wrote(5_000, 5_020, { played: false, playCount: 1, lastPlayedMs: 800 }, watched);
  const since = known({ ...watched, positionMs: 0 }, { readMs: 5_020, past: [point] });
  const before: Registers = { played: { value: true, at: { ms: 4_000, count: 0, origin: 'attic' } } };
  const history = historyOf(since, [told(4_995, {})], found(5_200, watched), NOW);
  t.same(at(agreed(history, before), 'played'), [false, 4_995]);
});

t.test('ruling 4: watched again in the moment in which we wrote that it is watched', async (t) => {
  const point = wrote(
    5_000,
    5_020,
    { played: false, playCount: 0, lastPlayedMs: null },
    { played: true, playCount: 1, lastPlayedMs: 900 },
  );
  const written = { played: true, playCount: 1, lastPlayedMs: 900 };
  const again = { played: false, playCount: 2, lastPlayedMs: 5_024 };
  const since = known(written, { readMs: 5_020, past: [point] });
  const history = historyOf(since, [told(5_024, again, { unmeant: ['played'] })], found(5_100, again), NOW);
  t.notOk('played' in agreed(history));
  t.equal(agreed(history).playCount?.value, 2);
});

t.test('a reset half covered by our writing, and found by reading back, is still told whole by its hook', async (t) => {
  const past: Point[] = [
    wrote(5_000, 5_020, { played: false }, { played: true }),
    {
      by: 'read',
      fromMs: 5_020,
      toMs: 5_020,
      was: { playCount: 1, lastPlayedMs: 900 },
      is: { playCount: 0, lastPlayedMs: null },
    },
  ];
  const before: Registers = { played: { value: true, at: { ms: 4_000, count: 0, origin: 'attic' } } };
  const since = known({ played: true }, { readMs: 5_020, past });
  t.not(newsIn(since, told(4_998, {})).length, 0);
  t.same(at(agreed(historyOf(since, [told(4_998, {})], found(5_200, { played: true }), NOW), before), 'played'), [false, 4_998]);
});

t.test(
  'what was done while we were writing was covered by it: the next hook shows what we wrote, and nobody has taken anything back',
  async (t) => {
    const reset = { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
    const past = [wrote(5_000, 5_200, { playCount: 1, lastPlayedMs: 900 }, reset)];
    const since = known({}, { readMs: 5_200, past });
    const hooks = [told(5_050, { playCount: 2, lastPlayedMs: 5_050 }), told(5_400, { positionMs: 60_000 })];
    const registers = agreed(historyOf(since, hooks, found(6_000, { positionMs: 60_000 }), NOW));
    t.same(
      [at(registers, 'playCount'), at(registers, 'lastPlayedMs'), at(registers, 'positionMs')],
      [
        [2, 5_050],
        [5_050, 5_050],
        [60_000, 5_400],
      ],
    );
    const [first, second] = hooks;
    const then = historyOf(since, first === undefined ? [] : [first], found(5_300, {}), NOW);
    const later = known({}, { readMs: 5_300, hookMs: 5_050, past: then.past });
    t.same(
      at(
        agreed(historyOf(later, second === undefined ? [] : [second], found(6_000, { positionMs: 60_000 }), NOW), agreed(then)),
        'playCount',
      ),
      [2, 5_050],
      'also where they come one by one',
    );
  },
);

t.test('off and on again after we had written that it is on: the last one holds', async (t) => {
  const since = known(
    { favourite: true },
    { readMs: 5_020, past: [wrote(5_000, 5_020, { favourite: false }, { favourite: true })] },
  );
  const hooks = [told(5_050, {}), told(5_400, { favourite: true })];
  t.same(at(agreed(historyOf(since, hooks, found(6_000, { favourite: true }), NOW)), 'favourite'), [true, 5_400]);
});

t.test('ruling 4: watched, begun again and read, before it was heard that it had been watched', async (t) => {
  const again = { played: false, playCount: 2, lastPlayedMs: 5_000 };
  const read: Point = {
    ...{ by: 'read', fromMs: 5_100, toMs: 5_100 },
    ...{ was: { playCount: 1, lastPlayedMs: 1_000 }, is: { playCount: 2, lastPlayedMs: 5_000 } },
  };
  const since = known(again, { readMs: 5_100, past: [read] });
  const watched = told(4_000, { played: true, playCount: 1, lastPlayedMs: 1_000 });
  t.same(at(agreed(historyOf(since, [watched], found(5_200, again), NOW)), 'played'), [true, 4_000]);
});

t.test('what the newest hook told is as old as that hook, also where one that is older comes after it', async (t) => {
  const watched = { played: true, playCount: 2, lastPlayedMs: 4_950 };
  const count: Point = {
    ...{ by: 'hook', fromMs: 5_000, toMs: 5_000 },
    ...{ was: { playCount: 1, lastPlayedMs: 1_000 }, is: { playCount: 2, lastPlayedMs: 4_950 } },
  };
  const since = known(watched, { readMs: 6_000, hookMs: 5_000, past: [count] });
  const begun = told(4_950, { ...watched, played: false }, { unmeant: ['played'], isNewest: false });
  const { past } = historyOf(since, [begun], found(7_000, watched), NOW);
  const then = known({ ...watched, favourite: true }, { readMs: 7_000, hookMs: 5_000, past });
  const liked = told(5_500, { ...watched, rating: 10 });
  t.notOk(
    'played' in agreed(historyOf(then, [liked], found(7_100, { ...watched, rating: 10 }), NOW)),
    'it had been watched before',
  );
});

t.test(
  'who marks it unwatched takes the position away, too, also where nobody knows whether ours was there already',
  async (t) => {
    const watched = { played: true, playCount: 1, lastPlayedMs: 900 };
    const crashed = known(watched, { past: [wrote(5_000, null, { positionMs: 0 }, { positionMs: 60_000 })] });
    const before: Registers = { positionMs: { value: 60_000, at: { ms: 4_000, count: 0, origin: 'attic' } } };
    t.same(at(agreed(historyOf(crashed, [told(6_000, {})], found(6_100, {}), NOW), before), 'positionMs'), [0, 6_000]);
  },
);

t.test(
  'of a reset whose hook was lost, the next hook tells all, though it is of a writing that takes no date away',
  async (t) => {
    const watched = known({ played: true, playCount: 1, lastPlayedMs: 900 });
    const moved = told(4_000, { positionMs: 60_000 }, { unmeant: ['lastPlayedMs'] });
    const registers = agreed(historyOf(watched, [moved], found(4_100, { positionMs: 60_000 }), NOW));
    t.same([registers.played?.value, registers.playCount?.value, registers.lastPlayedMs?.value], [false, 0, null]);
  },
);

t.test('watched again, and marked unwatched before that was heard: the mark goes with the count', async (t) => {
  const again = { played: false, playCount: 2, lastPlayedMs: 3_000 };
  const since = known({ ...again, positionMs: 60_000 }, { hookMs: 3_000 });
  const { sayings } = historyOf(since, [told(3_500, { ...again, positionMs: 70_000 })], found(4_000, {}), NOW);
  t.same(sayings.at(-1)?.said, { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null });
});

t.test('marked unwatched unheard, and begun anew: a player takes no count away, so that the mark was meant', async (t) => {
  const watched = known({ played: true, playCount: 4, positionMs: 60_000, lastPlayedMs: 900 });
  const begun = { playCount: 1, lastPlayedMs: 4_000 };
  const hooks = [told(4_000, begun, { unmeant: ['played'] })];
  t.same(at(agreed(historyOf(watched, hooks, found(4_100, begun), NOW)), 'played'), [false, 4_000]);
});

t.test('a position of ours that was written after it was marked unwatched is nobody’s wish', async (t) => {
  const watched = { played: false, playCount: 3, lastPlayedMs: 900, positionMs: 10_000 };
  const crashed = known(watched, { past: [wrote(5_000, null, { positionMs: 10_000 }, { positionMs: 60_000 })] });
  const liked = told(4_800, { ...watched, rating: 10 });
  const registers = agreed(historyOf(crashed, [liked], found(6_000, { rating: 10, positionMs: 60_000 }), NOW));
  t.same([registers.playCount?.value, registers.positionMs], [0, undefined]);
});

t.test(
  'marked unwatched unheard, and moved: the date goes as well, whichever side of our writing the hook seems to be',
  async (t) => {
    const watched = { played: true, playCount: 1, lastPlayedMs: 900 };
    const past = [wrote(5_000, 5_020, { played: false, playCount: 0, lastPlayedMs: null }, watched)];
    const since = known(watched, { readMs: 5_020, past });
    const moved = told(5_600, { positionMs: 60_000 }, { unmeant: ['lastPlayedMs'], sureMs: Number.POSITIVE_INFINITY });
    const { sayings } = historyOf(since, [moved], found(6_000, { positionMs: 60_000 }), NOW);
    const last = sayings.at(-1);
    t.same(last?.said, { played: false, playCount: 0, lastPlayedMs: null });
    t.same(beforeReset(last?.before ?? {}, false), {
      favourite: false,
      rating: null,
      positionMs: 60_000,
      played: true,
      playCount: 1,
    });
  },
);

t.test('ruling 4: begun again while we wrote a count: that it has fewer tells nothing', async (t) => {
  const written = { played: true, playCount: 2, lastPlayedMs: 900 };
  const past: Point[] = [
    wrote(5_000, 5_040, { playCount: 0, lastPlayedMs: null }, { playCount: 2, lastPlayedMs: 900 }),
    { by: 'read', fromMs: 5_040, toMs: 5_040, was: { played: true }, is: { played: false } },
  ];
  const begun = told(5_010, { playCount: 1, lastPlayedMs: 5_010 }, { unmeant: ['played'] });
  const history = historyOf(
    known({ ...written, played: false }, { readMs: 5_040, past }),
    [begun],
    found(5_200, { ...written, played: false }),
    NOW,
  );
  t.notOk('played' in agreed(history));
});

t.test('of a beginning beside our writing of a date, which covers its own, the hook says nothing of unwatched', async (t) => {
  const read: Point = {
    ...{ by: 'read', fromMs: 3_150, toMs: 3_150 },
    ...{ was: { played: true, playCount: 1 }, is: { played: false, playCount: 2 } },
  };
  const past = [wrote(3_073, 3_150, { lastPlayedMs: 50_000 }, { lastPlayedMs: 70_000 }), read];
  const now = { played: false, playCount: 2, lastPlayedMs: 70_000 };
  const history = historyOf(known(now, { past, readMs: 3_150 }), [told(3_141, now)], found(3_324, now), NOW);
  t.equal(agreed(history).played, undefined);
});

t.test('who begins and has not played it once more had it marked unwatched before, though nobody told of that', async (t) => {
  const before = known({ played: true, playCount: 1, positionMs: 60_000, lastPlayedMs: 50_000 });
  const begun = { played: false, playCount: 1, lastPlayedMs: 70_000 };
  const hook = told(5_000, begun, { unmeant: ['played'] });
  t.same(at(agreed(historyOf(before, [hook], found(5_100, begun), NOW)), 'played'), [false, 5_000]);
  const again = { ...begun, playCount: 2 };
  const rewatch = told(5_000, again, { unmeant: ['played'] });
  t.equal(agreed(historyOf(before, [rewatch], found(5_100, again), NOW)).played, undefined);
});

t.test('a slow server answers long after it was asked: what its hooks tell of that while, the reading has found', async (t) => {
  const first = historyOf(
    known({ favourite: true }),
    [told(4_000, { favourite: true, rating: 10 })],
    found(5_000, { rating: 10 }),
    5_130,
  );
  const again: Point = { by: 'read', fromMs: 5_400, toMs: 5_410, was: { favourite: false }, is: { favourite: true } };
  const slow = known({ favourite: true, rating: 10 }, { past: [...first.past, again], readMs: 5_400 });
  const before: Registers = { favourite: { value: true, at: { ms: 5_400, count: 0, origin: 'barn' } } };
  const late = [told(5_070, { favourite: true, rating: 10 }), told(5_076, { favourite: false, rating: 10 })];
  const registers = agreed(historyOf(slow, late, found(5_450, { favourite: true, rating: 10 }), NOW), before);
  t.same(at(registers, 'favourite'), [true, 5_400], 'the later reading was not told of by the hook of 5,070');
});

t.test('what a slow reading found was set when its hook says, also after the reading had been asked for', async (t) => {
  const slow: Point = { by: 'read', fromMs: 5_000, toMs: 5_200, was: { positionMs: 10_000 }, is: { positionMs: 60_000 } };
  const place = known({ positionMs: 60_000 }, { past: [slow], readMs: 5_000 });
  const elsewhere: Registers = { positionMs: { value: 90_000, at: { ms: 5_050, count: 0, origin: 'attic' } } };
  const first = historyOf(place, [told(5_100, { positionMs: 60_000 }), told(5_150, { positionMs: 60_000 })], null, NOW);
  t.same(
    at(agreed(first, elsewhere), 'positionMs'),
    [60_000, 5_100],
    'the first of them, and later than what was done elsewhere',
  );
  const after = known({ positionMs: 60_000 }, { past: first.past, readMs: 5_000 });
  t.same(historyOf(after, [told(5_180, { positionMs: 60_000 })], null, NOW).sayings, [], 'told once');
  const early = historyOf(place, [told(4_900, { positionMs: 60_000 })], null, NOW);
  const set = known({ positionMs: 60_000 }, { past: early.past, readMs: 5_000 });
  t.same(historyOf(set, [told(5_100, { positionMs: 60_000 })], null, NOW).sayings, [], 'nor where an earlier one has told it');
  t.same(agreed(historyOf(place, [told(5_250, { positionMs: 60_000 })], null, NOW), elsewhere), elsewhere, 'not by a later one');
});

t.test('a slow reading of a rewatch says nothing of the mark, whichever hook tells of it first', async (t) => {
  const [was, is] = [
    { played: true, playCount: 1 },
    { played: false, playCount: 2 },
  ];
  const place = known(
    { ...is, lastPlayedMs: 900 },
    { past: [{ by: 'read', fromMs: 5_000, toMs: 5_200, was, is }], readMs: 5_000 },
  );
  const { sayings } = historyOf(place, [told(5_100, { ...is, lastPlayedMs: 900 })], null, NOW);
  t.same(
    sayings.map(({ said }) => said),
    [{ playCount: 2 }],
  );
});
