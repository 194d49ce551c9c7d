// The home's wall clock where days have 23, 25 or no hours at all.
import t from 'tap';
import { createWallClock, dateOf, minutesOf, weekdayOf } from '../../../src/channels/schedule/wall-clock.ts';
import { DAY, HOUR } from './fixtures/made-up-catalogue.ts';

const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;

t.test('a time that does not exist is the moment of the leap, one that comes twice is the first', async (t) => {
  const at = (zone: string, date: string, time: string): string =>
    new Date(createWallClock(zone).at(dayOf(date), minutesOf(time) ?? Number.NaN)).toISOString();
  t.equal(at('Europe/Berlin', '2026-06-01', '20:15'), '2026-06-01T18:15:00.000Z');
  t.equal(at('Europe/Berlin', '2026-03-29', '02:30'), '2026-03-29T01:00:00.000Z');
  t.equal(at('Europe/Berlin', '2026-10-25', '02:30'), '2026-10-25T00:30:00.000Z');
  t.equal(at('Europe/Berlin', '2026-10-25', '24:00'), '2026-10-25T23:00:00.000Z');
  t.equal(at('America/New_York', '2026-03-08', '02:30'), '2026-03-08T07:00:00.000Z');
  t.equal(at('America/New_York', '2026-11-01', '01:30'), '2026-11-01T05:30:00.000Z');
  t.equal(at('America/New_York', '2026-11-01', '20:00'), '2026-11-02T01:00:00.000Z', 'an evening is no other than a morning');
  t.equal(at('Australia/Lord_Howe', '2026-10-04', '02:15'), '2026-10-03T15:30:00.000Z');
  t.equal(at('Australia/Lord_Howe', '2026-04-05', '01:45'), '2026-04-04T14:45:00.000Z');
  t.equal(at('Pacific/Apia', '2011-12-30', '12:00'), at('Pacific/Apia', '2011-12-31', '00:00'), 'the day that Samoa left out');
  t.equal(at('America/Santiago', '2026-09-06', '00:00'), '2026-09-06T04:00:00.000Z', 'midnight itself leapt over');
});

t.test('days of 23, 25, 23.5 and no hours; each moment lies in its day; later on the wall is never earlier', async (t) => {
  const lengths = (zone: string, date: string): number => {
    const clock = createWallClock(zone);
    return (clock.at(dayOf(date) + 1, 0) - clock.at(dayOf(date), 0)) / HOUR;
  };
  t.equal(lengths('Europe/Berlin', '2026-03-29'), 23);
  t.equal(lengths('Europe/Berlin', '2026-10-25'), 25);
  t.equal(lengths('Australia/Lord_Howe', '2026-10-04'), 23.5);
  t.equal(lengths('Pacific/Apia', '2011-12-30'), 0);
  for (const [zone, date] of [
    ['Europe/Berlin', '2026-10-22'],
    ['Australia/Lord_Howe', '2026-04-02'],
    ['Pacific/Apia', '2011-12-27'],
  ] as const) {
    const clock = createWallClock(zone);
    let last = 0;
    for (let quarter = 0; quarter < 6 * 96; quarter += 1) {
      const day = dayOf(date) + Math.floor(quarter / 96);
      const ms = clock.at(day, (quarter % 96) * 15);
      if (ms < last) t.fail(`${zone}: ${dateOf(day)} goes back`);
      const skipped = clock.at(day, 0) === clock.at(day + 1, 0);
      if (!skipped && clock.dayAt(ms) !== day) t.fail(`${zone}: ${dateOf(day)} is not its own day`);
      last = ms;
    }
    t.ok(last > 0);
  }
});

t.test('weekdays, dates, times; what is no time is none; an unknown zone is UTC', async (t) => {
  t.same([weekdayOf(dayOf('2026-06-01')), weekdayOf(dayOf('2026-06-07')), weekdayOf(dayOf('1969-12-28'))], [1, 7, 7]);
  t.equal(dateOf(dayOf('2024-02-29')), '2024-02-29');
  t.same(
    [minutesOf('7:05'), minutesOf('24:00'), minutesOf('24:01'), minutesOf('12:60'), minutesOf('noon')],
    [425, 1440, null, null, null],
  );
  t.equal(createWallClock('Nowhere/Land').offsetMs(0), 0);
});
