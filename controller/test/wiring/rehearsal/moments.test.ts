// Times as a person types them: by the clocks of the home, also in the nights when these are set.
import t from 'tap';
import { momentOf, writeMoment } from '../../../src/wiring/rehearsal/moments.ts';

const ZONE = 'Europe/Berlin';
const iso = (text: string): string => new Date(momentOf('--from', text, ZONE)).toISOString();

t.test('with an offset it is that moment, without one that of the home', async (t) => {
  t.equal(iso('2026-11-27T18:00Z'), '2026-11-27T18:00:00.000Z');
  t.equal(iso('2026-11-27T18:00:30+02:00'), '2026-11-27T16:00:30.000Z');
  t.equal(iso('2026-11-27T18:00:30'), '2026-11-27T17:00:30.000Z');
  t.equal(iso('2026-07-01 06:15'), '2026-07-01T04:15:00.000Z');
  t.equal(iso('2026-11-27'), '2026-11-26T23:00:00.000Z', 'a day begins at its midnight');
});

t.test('a time that the clocks leap over is the leap, one that comes twice the first', async (t) => {
  t.equal(iso('2026-03-29T02:30'), '2026-03-29T01:00:00.000Z');
  t.equal(iso('2026-10-25T02:30'), '2026-10-25T00:30:00.000Z');
});

t.test('what is no time is refused by the name of its flag', async (t) => {
  for (const text of ['yesterday', '2026-13-01', '2026-02-30', '2026-11-27T25:00', '', '1764262800'])
    t.throws(() => momentOf('--to', text, ZONE), { message: new RegExp(`^--to ${text}: must be a time such as`) });
});

t.test('it is written by the clocks of the home', async (t) => {
  t.equal(writeMoment(Date.UTC(2026, 6, 1, 4, 15, 9), ZONE), '2026-07-01 06:15:09');
});
