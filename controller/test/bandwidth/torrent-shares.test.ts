// Rows 177, 189: the torrents' part among the clients.
import t from 'tap';
import { netBps, shareTorrents, type TorrentShare } from '../../src/bandwidth/torrent-shares.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { M } from './fixtures/decision-input.ts';

const client = (name: string, change: Partial<TorrentShare> = {}): TorrentShare => ({
  client: name,
  ceilingBps: Number.POSITIVE_INFINITY,
  fixedBps: null,
  weight: 1,
  busy: true,
  ...change,
});
const share = (total: number, ...clients: TorrentShare[]): Record<string, number> =>
  Object.fromEntries(shareTorrents(total, clients));

t.test('equal parts; what a ceiling leaves goes to the others', async (t) => {
  t.same(share(12 * M, client('a'), client('b'), client('c')), { a: 4 * M, b: 4 * M, c: 4 * M });
  t.same(share(12 * M, client('a'), client('b', { ceilingBps: 2 * M }), client('c')), { a: 5 * M, b: 2 * M, c: 5 * M });
  t.same(share(12 * M), {});
});

t.test(
  'row 189: a fixed limit while streaming is that limit, under the ceiling, and is taken from what the others share',
  async (t) => {
    t.same(share(12 * M, client('a', { fixedBps: 4_096_000 }), client('b')), { a: 4_096_000, b: 7_904_000 });
    t.same(share(12 * M, client('a', { fixedBps: 4_096_000, ceilingBps: M }), client('b')), { a: M, b: 11 * M });
    t.same(share(12 * M, client('a', { fixedBps: 0 })), { a: 1 }, 'never 0, which would be no limit');
  },
);

t.test('nobody is starved to 0, whatever the total', async (t) => {
  for (const total of [0, -5, 1, Number.NaN])
    t.ok(
      Object.values(share(total, client('a'), client('b', { fixedBps: 5 * M }))).every((bps) => bps > 0 || Number.isNaN(total)),
      String(total),
    );
});

t.test('fixed shares are by weight', async (t) => {
  t.same(share(12 * M, client('a', { weight: 3 }), client('b')), { a: 9 * M, b: 3 * M });
  t.same(
    share(12 * M, client('a', { weight: 3, ceilingBps: 6 * M }), client('b'), client('c', { weight: 2 })),
    { a: 6 * M, b: 2 * M, c: 4 * M },
    'what a ceiling leaves goes to the others, by weight',
  );
  t.same(share(12 * M, client('a', { weight: 1_000 }), client('b', { weight: 0.1 }))['b'], 64_000, 'enough to stay connected');
});

t.test('busy clients first; one at rest keeps a small net', async (t) => {
  const rest = { busy: false };
  t.same(share(20 * M, client('a'), client('b', rest)), { a: 19 * M, b: M });
  t.same(share(20 * M, client('a', { weight: 3 }), client('b'), client('c', rest)), { a: 14.25 * M, b: 4.75 * M, c: M });
  t.same(share(20 * M, client('a', rest), client('b', rest)), { a: 10 * M, b: 10 * M }, 'nobody busy: as fixed');
  t.same(share(M, client('a'), client('b', rest)), { a: 936_000, b: 64_000 });
  t.same(share(160_000, client('a'), client('b', rest), client('c', rest)), { a: 120_000, b: 20_000, c: 20_000 }, 'a quarter');
  t.same(share(40, client('a'), client('b', rest))['b'], 10, 'small, but never 0');
  t.same(
    share(20 * M, client('a', { ceilingBps: 4 * M }), client('b', rest), client('c', { ...rest, ceilingBps: 100_000 })),
    { a: 4 * M, b: 15.9 * M, c: 100_000 },
    'what the busy may not use is not thrown away',
  );
  t.equal(netBps(20 * M, 10), M / 2);
});

t.test('property: the parts fit, none is 0 nor above its ceiling, and the busy have the most, for 5,000 homes', async (t) => {
  const random = seededRandom(177);
  let wrong = 0;
  for (let i = 0; i < 5_000; i += 1) {
    const clients = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, n) =>
      client(`c${n}`, {
        ceilingBps: random() < 0.5 ? Number.POSITIVE_INFINITY : 100_000 + random() * 5 * M,
        weight: random() < 0.5 ? 1 : 0.1 + random() * 20,
        busy: random() < 0.5,
      }),
    );
    const total = 500_000 + random() * 30 * M;
    const parts = shareTorrents(total, clients);
    const of = (name: string): number => parts.get(name) ?? Number.NaN;
    const sum = [...parts.values()].reduce((all, bps) => all + bps, 0);
    if (sum > total + 1 || clients.some(({ client: name, ceilingBps }) => !(of(name) >= 1 && of(name) <= ceilingBps))) wrong += 1;
    // Nothing is thrown away while somebody may use it.
    if (sum < total - clients.length && clients.some(({ client: name, ceilingBps }) => of(name) < ceilingBps - 1)) wrong += 1;
    const [busy, rest] = [clients.filter(({ busy: is }) => is), clients.filter(({ busy: is }) => !is)];
    const hungry = busy.some(({ client: name, ceilingBps }) => of(name) < ceilingBps - 1);
    if (hungry && rest.reduce((all, { client: name }) => all + of(name), 0) > total / 4 + 1) wrong += 1;
  }
  t.equal(wrong, 0);
});

t.test('property: totals too small for anything are shared all the same, for 2,000 homes', async (t) => {
  const random = seededRandom(184);
  let wrong = 0;
  for (let i = 0; i < 2_000; i += 1) {
    const clients = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, n) => client(`c${n}`, { busy: random() < 0.5 }));
    const parts = [...shareTorrents(random() * 200_000 - 1_000, clients).values()];
    if (parts.length !== clients.length || parts.some((bps) => !(Number.isSafeInteger(bps) && bps >= 1))) wrong += 1;
  }
  t.equal(wrong, 0);
});
