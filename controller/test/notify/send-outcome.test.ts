// What the answers of sinks mean, and how long a sink rests.
import t from 'tap';
import { outcomeOf, restOf } from '../../src/notify/send-outcome.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const kinds = (...codes: readonly number[]): string[] => codes.map((status) => outcomeOf(status, null, NOW).kind);

t.test('taken, tried again, refused, or left out', async (t) => {
  t.same(kinds(200, 201, 202, 204), Array(4).fill('delivered'));
  t.same(kinds(408, 425, 429, 500, 502, 503, 504), Array(7).fill('later'));
  t.same(kinds(301, 302, 307, 308, 401, 403, 404, 405, 410), Array(9).fill('refused'));
  t.same(kinds(400, 413, 415, 422), Array(4).fill('unfit'));
});

t.test('Retry-After is seconds or a date, believed for an hour at most, and nothing else', async (t) => {
  const after = (value: string | null) => {
    const outcome = outcomeOf(429, value, NOW);
    return outcome.kind === 'later' ? outcome.afterMs : undefined;
  };
  t.equal(after('7'), 7_000);
  t.equal(after('Sat, 21 Nov 2026 12:01:30 GMT'), 90_000);
  t.equal(after('Sat, 21 Nov 2026 11:00:00 GMT'), 0);
  t.equal(after('86400'), 3_600_000);
  t.equal(after('soon'), null);
  t.equal(after('-5'), null);
  t.equal(after(null), null);
});

t.test(
  'a rest grows from two seconds to five minutes, is never shorter than asked for, and a refusal rests a quarter of an hour',
  async (t) => {
    const later = outcomeOf(500, null, NOW);
    const rests = [1, 2, 3, 8, 9, 50, 2_000].map((failures) => restOf(later, failures, 0.5));
    t.same(rests, [2_000, 4_000, 8_000, 256_000, 300_000, 300_000, 300_000]);
    t.ok(restOf(later, 1, 0) < 2_000 && restOf(later, 1, 0.999) > 2_000, 'not all at once');
    t.equal(restOf(outcomeOf(429, '600', NOW), 1, 0.5), 600_000);
    t.same(
      [1, 2, 3, 4, 9].map((failures) => restOf(outcomeOf(401, null, NOW), failures, 0.5) / 60_000),
      [15, 30, 45, 60, 60],
    );
  },
);
