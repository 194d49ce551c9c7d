// What is wrong with an entry that somebody puts in by hand.
import t from 'tap';
import { problemOf } from '../../../src/channels/schedule/check-entry.ts';
import { DAY, HOUR, MONDAY } from './fixtures/made-up-catalogue.ts';
import { manual } from './fixtures/random-channel.ts';

t.test(
  'row 84: overlaps, no and negative durations, a day and more, parts of seconds and the past are refused with a sentence',
  async (t) => {
    const problem = (startMs: number, endMs: number) => problemOf(manual(startMs, endMs), [], MONDAY);
    t.equal(problem(MONDAY, MONDAY + HOUR), null);
    t.match(problem(MONDAY + HOUR, MONDAY), 'end is before start');
    t.match(problem(MONDAY, MONDAY), 'no duration');
    t.match(problem(MONDAY, MONDAY + DAY + 1000), '24 hours');
    t.equal(problem(MONDAY, MONDAY + DAY), null);
    t.match(problem(MONDAY + 1, MONDAY + 1001), 'whole seconds');
    t.match(problem(MONDAY - 1000, MONDAY + HOUR), 'past');
    t.match(problem(MONDAY * 1000, MONDAY * 1000 + HOUR), 'a year ahead');
    t.match(problem(Number.NaN, MONDAY), 'must be times');
  },
);

t.test('row 84: a manual entry wins over automatic ones, not over another manual one, and not over itself', async (t) => {
  const other = manual(MONDAY + HOUR, MONDAY + 2 * HOUR, { title: 'The other' });
  const at = (startMs: number, endMs: number) => problemOf({ ...manual(startMs, endMs), id: 'new' }, [other], MONDAY);
  t.match(at(MONDAY, MONDAY + HOUR + 1000), /overlaps the manual entry .*The other.*2026-05-31T23:00:00.000Z/);
  t.equal(at(MONDAY, MONDAY + HOUR), null, 'end to start');
  t.equal(at(MONDAY + 2 * HOUR, MONDAY + 3 * HOUR), null);
  t.equal(problemOf(other, [other], MONDAY), null);
  t.equal(problemOf(manual(MONDAY, MONDAY + DAY), [{ ...other, origin: 'auto' }], MONDAY), null);
});
