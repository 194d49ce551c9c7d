// What goes back to what, when writings are taken back.
import t from 'tap';
import { planUndo, undoRegisters, type Written } from '../../../src/sync/asked/undo-plan.ts';
import type { Registers } from '../../../src/sync/state/observe.ts';

const at = (ms: number, origin = 'attic') => ({ ms, count: 0, origin });
const written = (before: Written['before'], after: Written['after'], atMs = 60): Written => ({
  ...{ person: 'anna', identity: 'tmdb:1', itemName: 'Film', atMs, before, after },
});
const always = { force: false, isSynced: () => true };

t.test('of each field what was there before the first writing', async (t) => {
  const registers: Registers = {
    played: { value: true, at: at(50) },
    playCount: { value: 2, at: at(50) },
    favourite: { value: true, at: at(10) },
  };
  const entries = [
    written({ played: false, playCount: 0 }, { played: true, playCount: 1 }),
    written({ playCount: 1 }, { playCount: 2 }),
  ];
  const { changes, kept } = planUndo(registers, entries, always);
  t.same(changes, [
    { field: 'played', from: true, to: false },
    { field: 'playCount', from: 2, to: 0 },
  ]);
  t.same(kept, []);
  const undone = undoRegisters(registers, changes, { ms: 100, origin: 'undo' });
  t.same(undone.played, { value: false, at: { ms: 100, count: 0, origin: 'undo' } });
  t.equal(undone.favourite, registers.favourite, 'what was not written stays');
  t.same(registers.played?.value, true);
});

t.test('what somebody set anew since stays, unless it is forced; what is so already is left', async (t) => {
  const registers: Registers = { favourite: { value: true, at: at(90, 'cabin') }, rating: { value: 10, at: at(5) } };
  const entries = [written({ favourite: false, rating: 10 }, { favourite: false, rating: 1 })];
  const onAgain: Registers = { favourite: { value: true, at: at(61) } };
  t.match(
    planUndo(onAgain, [written({ favourite: false }, { favourite: true })], always).kept,
    [/set anew since, at attic/],
    'off and on again',
  );
  const twice = [written({ favourite: true, rating: 1 }, { favourite: false, rating: 10 })];
  t.same(planUndo(registers, entries, always), { changes: [], kept: ['favourite was set anew since, at cabin'] });
  t.same(planUndo(registers, entries, { ...always, force: true }).changes, [{ field: 'favourite', from: true, to: false }]);
  t.same(planUndo(registers, twice, always).changes, [{ field: 'rating', from: 10, to: 1 }], 'a favourite is as it was');
});

t.test('a kind that is switched off stays; no rating is a value; a later time than any before', async (t) => {
  const registers: Registers = { rating: { value: 10, at: { ms: 500, count: 3, origin: 'attic' } } };
  const entries = [written({ rating: null }, { rating: 10 }, 500)];
  t.same(planUndo(registers, entries, { force: true, isSynced: () => false }).kept, ['rating is not kept the same any more']);
  const { changes } = planUndo(registers, entries, always);
  t.same(changes, [{ field: 'rating', from: 10, to: null }]);
  const clockSetBack = undoRegisters(registers, changes, { ms: 400, origin: 'undo' });
  t.same(clockSetBack.rating?.at, { ms: 500, count: 4, origin: 'undo' });
});
