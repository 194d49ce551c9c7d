// Rows 177, 188, 189, 203, rulings 3, 9: what torrent clients may send.
import t from 'tap';
import { M, torrent, watched } from './fixtures/decision-input.ts';
import { capsOf, decisions, torrentsOf } from './fixtures/decisions.ts';

t.test(
  'row 177, ruling 9: torrents get what viewers leave while someone watches, and their own back after restore_after',
  async (t) => {
    const decide = decisions();
    t.same(torrentsOf(decide()), { 'qbit/normal': null, 'qbit/alternative': null }, 'nobody watches: as the user had it');
    const streams = [watched('anna', 8 * M)];
    t.same(torrentsOf(decide({ at: 1, streams })), { 'qbit/normal': 25 * M, 'qbit/alternative': null });
    t.equal(torrentsOf(decide({ at: 2 }))['qbit/normal'], 25 * M, 'held');
    t.equal(torrentsOf(decide({ at: 61 }))['qbit/normal'], 25 * M);
    t.equal(torrentsOf(decide({ at: 62 }))['qbit/normal'], null, '60 s after the last second of streaming');
  },
);

t.test("row 203: the alternative speed mode toggled: the new slot is limited, the old one is the user's again", async (t) => {
  const decide = decisions();
  const streams = [watched('anna', 8 * M)];
  decide({ streams });
  const toggled = torrentsOf(decide({ at: 1, streams, torrents: [torrent('qbit', { mode: 'alternative' })] }));
  t.same(toggled, { 'qbit/alternative': 25 * M, 'qbit/normal': null });
});

t.test('row 188: a limit for idle times, and 0 for none', async (t) => {
  const idle = (whenIdleBps: number | null) =>
    torrentsOf(decisions({ torrentClients: { qbit: { whileStreamingBps: null, whenIdleBps, weight: 1 } } })())['qbit/normal'];
  t.equal(idle(4_096_000), 4_096_000);
  t.equal(idle(0), null);
  t.equal(idle(null), null);
});

t.test('rows 177, 189: a client with a fixed limit while streaming; the others share the rest', async (t) => {
  const decide = decisions({ torrentClients: { a: { whileStreamingBps: 4_096_000, whenIdleBps: null, weight: 1 } } });
  const got = torrentsOf(decide({ streams: [watched('anna', 8 * M)], torrents: [torrent('a'), torrent('b')] }));
  t.equal(got['a/normal'], 4_096_000);
  t.equal(got['b/normal'], 25 * M - 4_096_000);
});

t.test('ruling 3: a torrent client that is not behind this uplink is not decided about, nor counted', async (t) => {
  const decision = decisions()({ streams: [watched('anna', 8 * M)], torrents: [torrent('far', { onUplink: false })] });
  t.same(decision.torrents, []);
  t.equal(capsOf(decision)['ben'], 25 * M, 'no floor is kept for it');
});
