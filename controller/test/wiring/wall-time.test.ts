// Hours of the week by the clocks of a home, in the nights on which those are changed too.
import t from 'tap';
import { wallTimeIn } from '../../src/wiring/wall-time.ts';

const [MON, SUN] = [0, 6];
const at = (hour: number, minute = 0): number => hour * 60 + minute;

t.test('a zone’s clocks, across both changes of the year', async (t) => {
  const berlin = wallTimeIn('Europe/Berlin');
  const seen = (utc: string) => {
    const { weekday, minute } = berlin(Date.parse(utc));
    return [weekday, Math.floor(minute / 60), minute % 60];
  };
  t.same(seen('2026-01-12T17:00Z'), [MON, 18, 0]);
  t.same(seen('2026-07-13T16:00Z'), [MON, 18, 0]);
  // 29 March 2026: after 01:59 comes 03:00.
  t.same(seen('2026-03-29T00:59Z'), [SUN, 1, 59]);
  t.same(seen('2026-03-29T01:00Z'), [SUN, 3, 0]);
  // 25 October 2026: 02:30 is there twice.
  t.same(seen('2026-10-25T00:30Z'), [SUN, 2, 30]);
  t.same(seen('2026-10-25T01:30Z'), [SUN, 2, 30]);
  t.same(seen('2026-10-25T02:00Z'), [SUN, 3, 0]);
  t.same([wallTimeIn('Asia/Kathmandu')(Date.parse('2026-01-11T23:00Z'))], [{ weekday: MON, minute: at(4, 45) }]);
  t.equal(wallTimeIn('UTC')(Date.parse('2026-01-12T00:00Z')).minute, 0, 'midnight is 0, not 24');
});
