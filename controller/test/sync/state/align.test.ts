// The first meeting of servers: nothing that a person has anywhere is lost.
import t from 'tap';
import { untouched, type WatchState } from '../../../src/neighbours/watch-state.ts';
import { align } from '../../../src/sync/state/align.ts';
import type { Registers } from '../../../src/sync/state/observe.ts';

const on = (server: string, state: Partial<WatchState>) => ({ server, state: { ...untouched, ...state } });
const values = (registers: Registers) =>
  Object.fromEntries(Object.entries(registers).map(([field, register]) => [field, register.value]));
const [JANUARY, MAY, JULY] = [1_704_000_000_000, 1_714_000_000_000, 1_720_000_000_000];

t.test('watched and favourite win, the count is the highest, position and date are of whoever played last', async (t) => {
  const attic = on('attic', { played: true, playCount: 3, positionMs: 0, lastPlayedMs: JANUARY });
  const barn = on('barn', { favourite: true, playCount: 1, positionMs: 900_000, lastPlayedMs: MAY });
  t.same(values(align({}, [attic, barn])), {
    played: true,
    playCount: 3,
    positionMs: 900_000,
    favourite: true,
    rating: null,
    lastPlayedMs: MAY,
  });
});

t.test('a rating is of whoever rated and played last; who has none has said nothing', async (t) => {
  const attic = on('attic', { rating: 10, lastPlayedMs: JANUARY });
  const barn = on('barn', { rating: 1, lastPlayedMs: MAY });
  const cabin = on('cabin', { lastPlayedMs: JULY });
  t.equal(align({}, [attic, barn, cabin]).rating?.value, 1);
  t.equal(align({}, [attic, cabin]).rating?.value, 10);
});

t.test('the same meeting ends the same, whoever comes first', async (t) => {
  const meeting = [
    on('attic', { rating: 1, positionMs: 5_000 }),
    on('barn', { rating: 10, positionMs: 7_000 }),
    on('cabin', { favourite: true }),
  ];
  t.same(align({}, [...meeting].reverse()), align({}, meeting));
});

t.test('one after the other is as all at once', async (t) => {
  const meeting = [
    on('attic', { played: true, playCount: 2, rating: 10, lastPlayedMs: MAY }),
    on('barn', { favourite: true, playCount: 5, positionMs: 60_000, lastPlayedMs: JULY }),
    on('cabin', { rating: 1, lastPlayedMs: JANUARY }),
  ];
  const one = meeting.reduce((registers: Registers, each) => align(registers, [each]), {});
  t.same(values(one), values(align({}, meeting)));
});

t.test('whatever is said later wins over a meeting, and a meeting takes nothing from what is agreed', async (t) => {
  const registers: Registers = {
    ...align({}, [on('attic', { played: true, playCount: 1, lastPlayedMs: JULY })]),
    favourite: { value: true, at: { ms: 5_000, count: 0, origin: 'attic' } },
  };
  t.equal(registers.played?.at.ms, 0);
  const met = align(registers, [on('barn', { rating: 10, lastPlayedMs: MAY })]);
  t.same(met.favourite, registers.favourite);
  t.same([met.played?.value, met.rating?.value, met.lastPlayedMs?.value], [true, 10, JULY]);
});

t.test('what a meeting adds to what was agreed comes after it', async (t) => {
  const registers: Registers = { favourite: { value: false, at: { ms: 5_000, count: 2, origin: 'attic' } } };
  t.same(align(registers, [on('barn', { favourite: true })]).favourite, {
    value: true,
    at: { ms: 5_000, count: 3, origin: 'barn' },
  });
});

t.test('nobody meets nobody', async (t) => {
  t.same(align({}, []), {});
});
