// Rows 177, 188, 189, 203, rulings 3, 9: what torrent clients may send.
import t from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../src/bandwidth/decide-caps.ts';
import { input, M, SETTINGS, torrent, watched } from './fixtures/decision-input.ts';
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

t.test('by activity the busy client has nearly all; who comes in is let in at once, the one that left after 180 s', async (t) => {
  const decide = decisions({ torrents: { ...SETTINGS.torrents, share: 'activity' } });
  const streams = [watched('anna', 8 * M)];
  const at = (second: number, a: number, b: number) => {
    const torrents = [torrent('a', { uploadBps: a }), torrent('b', { uploadBps: b })];
    const got = torrentsOf(decide({ at: second, streams, torrents }));
    return [got['a/normal'], got['b/normal']];
  };
  decide({ at: -5, torrents: [torrent('a', { uploadBps: 9 * M }), torrent('b')] });
  t.same(at(0, 9 * M, 0), [23.75 * M, 1.25 * M], 'known from before anybody watched');
  t.same(at(30, 9 * M, 700_000), [12.5 * M, 12.5 * M], 'b hits its net: no hold, the sum is the same');
  t.same(at(31, 0, 9 * M), [12.5 * M, 12.5 * M]);
  t.same(at(210, 0, 9 * M), [12.5 * M, 12.5 * M], '179 s quiet');
  t.same(at(211, 0, 9 * M), [1.25 * M, 23.75 * M]);
  t.same(at(212, 0, 0), [1.25 * M, 23.75 * M]);
  t.same(at(392, 0, 0), [12.5 * M, 12.5 * M], 'nobody busy: by weight alone');
});

t.test('fixed shares are by weight, whoever is busy', async (t) => {
  const client = { whileStreamingBps: null, whenIdleBps: null };
  const decide = decisions({ torrentClients: { a: { ...client, weight: 4 }, b: { ...client, weight: 1 } } });
  const torrents = [torrent('a'), torrent('b', { uploadBps: 5 * M })];
  const got = torrentsOf(decide({ streams: [watched('anna', 8 * M)], torrents }));
  t.same([got['a/normal'], got['b/normal']], [20 * M, 5 * M]);
});

t.test('the sum is held, not the parts: while it may not rise, a client may still take over from another', async (t) => {
  const decide = decisions({ torrents: { ...SETTINGS.torrents, share: 'activity' } });
  const streams = [watched('anna', 8 * M)];
  const at = (second: number, b: number, otherBps = 3 * M) =>
    torrentsOf(
      decide({ at: second, streams, otherBps, torrents: [torrent('a', { uploadBps: M }), torrent('b', { uploadBps: b })] }),
    );
  at(0, 0, 23 * M);
  t.same(at(1, 0), { 'a/normal': 4.75 * M, 'a/alternative': null, 'b/normal': M / 4, 'b/alternative': null });
  t.same([at(2, M)['a/normal'], at(2, M)['b/normal']], [2.5 * M, 2.5 * M]);
  t.same([at(61, M)['a/normal'], at(61, M)['b/normal']], [12.5 * M, 12.5 * M]);
});

t.test('a client without an upload side takes no share, and no floor is kept for it alone', async (t) => {
  const streams = [watched('anna', 8 * M)];
  const usenet = torrent('sab', { uploads: false });
  const beside = decisions()({ streams, torrents: [torrent('qbit'), usenet] });
  t.same(torrentsOf(beside), { 'qbit/normal': 25 * M, 'qbit/alternative': null });
  t.equal(capsOf(decisions()({ streams, torrents: [usenet] }))['ben'], 25 * M);
});

t.test('rows 177, 179, 189: what was typed in holds without any capacity; what would be shared is left alone', async (t) => {
  const torrents = [torrent('qbit'), torrent('deluge', { ceilingBps: { normal: 2 * M, alternative: 1 * M } }), torrent('shared')];
  const typed = { whileStreamingBps: 4_096_000, whenIdleBps: null, weight: 1 };
  const settings = { torrentClients: { qbit: typed, deluge: typed } };
  const given = { capacityUpBps: null, torrents };
  const first = decideCaps(input({ ...given, streams: [watched('anna', 8 * M)] }, settings), NOTHING_DECIDED);
  const capOf = ({ decision }: typeof first, name: string) =>
    decision.torrents.find(({ client, mode }) => client === name && mode === 'normal')?.capBps;
  t.equal(first.decision.mode, 'unknown');
  t.equal(capOf(first, 'qbit'), 4_096_000);
  t.equal(capOf(first, 'deluge'), null, 'its user has less anyway');
  t.equal(capOf(first, 'shared'), null);
  t.match(first.decision.reason, /limits that were typed in hold/);
  t.same(
    first.decision.viewers.filter(({ capBps }) => capBps !== null),
    [],
  );
  const gone = decideCaps(input({ ...given, now: 1_005_000 }, settings), first.memory);
  t.equal(capOf(gone, 'qbit'), 4_096_000, 'held for restore_after');
  const quiet = decideCaps(input({ ...given, now: 1_070_000 }, settings), gone.memory);
  t.equal(capOf(quiet, 'qbit'), null);
  const known = decideCaps(input({ torrents, now: 1_001_000, streams: [watched('anna', 8 * M)] }, settings), first.memory);
  t.ok((capOf(known, 'shared') ?? 0) > 5 * M, 'the floor of before is not held once there is a capacity');
});
