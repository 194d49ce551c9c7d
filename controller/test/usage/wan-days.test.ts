// The WAN's bytes by day of the home, also where the clocks change.
import t from 'tap';
import { createWallClock } from '../../src/channels/schedule/wall-clock.ts';
import { spreadOverDays, sumDays } from '../../src/usage/wan-days.ts';

const HOUR = 3_600_000;
const berlin = createWallClock('Europe/Berlin');
const utc = (text: string): number => Date.parse(text);

t.test('what was counted within a day is that day’s', async (t) => {
  const count = { upBytes: 10, downBytes: 20, seenMs: 1_000, filledMs: 0 };
  t.same(spreadOverDays(count, utc('2026-11-27T10:00:00Z'), berlin), [{ ...count, at: utc('2026-11-26T23:00:00Z') }]);
});

t.test('a silence over midnights is spread evenly, to the byte; a day of 25 hours gets 25', async (t) => {
  const count = { upBytes: 49_000, downBytes: 49_001, seenMs: 0, filledMs: 49 * HOUR };
  // Summer time ends on 25 October 2026: that day begins at 22:00 UTC and lasts until 23:00 UTC.
  const days = spreadOverDays(count, utc('2026-10-26T22:00:00Z'), berlin);
  t.same(
    days.map(({ at, upBytes }) => [new Date(at).toISOString(), upBytes]),
    [
      ['2026-10-23T22:00:00.000Z', 1_000],
      ['2026-10-24T22:00:00.000Z', 25_000],
      ['2026-10-25T23:00:00.000Z', 23_000],
    ],
  );
  t.match(sumDays(days, 0, Number.POSITIVE_INFINITY), { upBytes: 49_000, downBytes: 49_001, filledMs: 49 * HOUR });
});

t.test('a silence of years goes back forty days and no further', async (t) => {
  const days = spreadOverDays(
    { upBytes: 1e9, downBytes: 0, seenMs: 0, filledMs: 10_000 * HOUR },
    utc('2026-11-27T10:00:00Z'),
    berlin,
  );
  t.equal(days.length, 41);
  t.equal(sumDays(days, 0, Number.POSITIVE_INFINITY).upBytes, 1e9);
});
