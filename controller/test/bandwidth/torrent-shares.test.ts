// Rows 177, 189: the torrents' part among the clients.
import t from 'tap';
import { shareTorrents, type TorrentShare } from '../../src/bandwidth/torrent-shares.ts';
import { M, seeded } from './fixtures/decision-input.ts';

const client = (name: string, change: Partial<TorrentShare> = {}): TorrentShare => ({
  client: name,
  ceilingBps: Number.POSITIVE_INFINITY,
  fixedBps: null,
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

t.test('property: the parts fit, and no part is above its ceiling, for 2,000 homes', async (t) => {
  const random = seeded(177);
  let wrong = 0;
  for (let i = 0; i < 2_000; i += 1) {
    const clients = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, n) =>
      client(`c${n}`, { ceilingBps: random() < 0.5 ? Number.POSITIVE_INFINITY : 100_000 + random() * 5 * M }),
    );
    const total = 500_000 + random() * 30 * M;
    const parts = shareTorrents(total, clients);
    const sum = [...parts.values()].reduce((all, bps) => all + bps, 0);
    if (sum > total + 1 || clients.some(({ client: name, ceilingBps }) => (parts.get(name) ?? Number.NaN) > ceilingBps))
      wrong += 1;
  }
  t.equal(wrong, 0);
});
