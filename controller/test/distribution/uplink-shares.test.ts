// How one limit is divided: by what each uses, none starved, never more than all together.
import t from 'tap';
import { netOf, nextWishes, type Sender, shareUplink } from '../../src/distribution/uplink-shares.ts';

const sender = (id: string, usedBps: number, more: Partial<Sender> = {}): Sender => ({
  ...{ id, usedBps, givenBps: null, isWaited: false, isQuick: false },
  ...more,
});
const quick = (id: string, usedBps: number, more: Partial<Sender> = {}) => sender(id, usedBps, { isQuick: true, ...more });
const NOBODY = new Map<string, number>();
const sum = (shares: ReadonlyMap<string, number>): number => [...shares.values()].reduce((all, bps) => all + bps, 0);
/** Those that use all that they have. */
const wishing = (...ids: string[]) => new Map(ids.map((id) => [id, 0]));

t.test('both want more: half each; one rests: it keeps a net, and the other has the rest', async (t) => {
  const both = [quick('torrents', 5e6), quick('web', 5e6)];
  t.same(
    [...shareUplink(8e6, both, wishing('torrents', 'web'))],
    [
      ['torrents', 4e6],
      ['web', 4e6],
    ],
  );
  const shares = shareUplink(8e6, [quick('torrents', 5e6), quick('web', 0)], wishing('torrents'));
  t.same(
    [...shares],
    [
      ['web', 4e5],
      ['torrents', 7.6e6],
    ],
  );
});

t.test('who uses little has that with room to grow, and those that want more share the rest alike', async (t) => {
  const shares = shareUplink(
    20e6,
    [quick('torrents', 9e6), quick('web', 1e6), sender('node a', 9e6)],
    wishing('torrents', 'node a'),
  );
  const web = shares.get('web') ?? 0;
  t.ok(web >= 1.25e6 && web <= 1.6e6, `${web}`);
  t.equal(shares.get('torrents'), shares.get('node a'));
  t.ok(sum(shares) <= 20e6 && sum(shares) > 19.99e6);
});

t.test('what nobody asks for goes to those that follow at once; nodes at rest keep a net', async (t) => {
  const shares = shareUplink(10e6, [quick('torrents', 0), quick('web', 0), sender('node a', 0)], NOBODY);
  t.equal(shares.get('node a'), netOf(10e6, 3));
  t.equal(shares.get('torrents'), shares.get('web'));
  t.ok(sum(shares) <= 10e6);
});

t.test('whatever is used and however many there are, the sum is never above the limit and nobody has nothing', async (t) => {
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 2_000; round += 1) {
    const count = 1 + Math.floor(random() * 40);
    const total = Math.round(10 ** (2 + random() * 8));
    const senders = Array.from({ length: count }, (_, index) =>
      sender(`${index}`, random() < 0.3 ? 0 : random() * total, { isQuick: index < 2 }),
    );
    const wishes = new Map(senders.filter(() => random() < 0.4).map(({ id }) => [id, 0]));
    const shares = shareUplink(total, senders, wishes);
    if (sum(shares) > total || [...shares.values()].some((bps) => bps < 1 || !Number.isSafeInteger(bps)))
      t.fail(`${sum(shares)} of ${total} for ${count}`);
    const least = Math.min(...shares.values());
    if (least < Math.floor(Math.min(netOf(total, count), total / count))) t.fail(`${least} of ${total} for ${count}`);
  }
  t.pass('2000 rounds');
});

t.test('who uses most of its share, or is waited for, wants more, and goes on so while its rate follows', async (t) => {
  const now = nextWishes(
    NOBODY,
    [sender('a', 9e5, { givenBps: 1e6 }), sender('b', 5e5, { givenBps: 1e6 }), sender('c', 0, { isWaited: true })],
    1_000,
  );
  t.same([...now.keys()], ['a', 'c']);
  const calm = [sender('a', 1e5, { givenBps: 1e6 }), sender('c', 0)];
  t.same([...nextWishes(now, calm, 6_000).keys()], ['a', 'c']);
  t.same([...nextWishes(now, calm, 7_000).keys()], []);
  t.same([...nextWishes(NOBODY, [sender('a', 9e6)], 0).keys()], [], 'without a limit nobody is held up');
});
