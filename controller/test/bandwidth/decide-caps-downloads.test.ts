// What download clients may fetch, by the WAN's own download budget.
import t from 'tap';
import type { DecisionInput } from '../../src/bandwidth/decision.ts';
import type { TorrentSettings } from '../../src/bandwidth/settings.ts';
import { M, SETTINGS, torrent, watched } from './fixtures/decision-input.ts';
import { decisions, downloadsOf, torrentsOf } from './fixtures/decisions.ts';

const home = (torrents: Partial<TorrentSettings>) => decisions({ torrents: { ...SETTINGS.torrents, ...torrents } });
const streams = [watched('anna', 8 * M)];

t.test('never: downloads are as their users had them', async (t) => {
  const decision = home({ limitDownloads: 'never' })({ streams });
  t.same(downloadsOf(decision), { 'qbit/normal': null, 'qbit/alternative': null });
  t.equal(decision.downloadTotalBps, null);
});

t.test('streaming: the budget while somebody watches, and their own back after restore_after', async (t) => {
  const decide = home({ limitDownloads: 'streaming' });
  t.same(downloadsOf(decide()), { 'qbit/normal': null, 'qbit/alternative': null });
  const limited = decide({ at: 1, streams });
  t.same(downloadsOf(limited), { 'qbit/normal': 160 * M, 'qbit/alternative': null }, '200 − 20 − 20');
  t.equal(limited.downloadTotalBps, 160 * M);
  t.match(limited.reason, /Downloads are kept to 160\.0 Mbit\/s\./);
  t.equal(downloadsOf(decide({ at: 2 }))['qbit/normal'], 160 * M);
  t.equal(downloadsOf(decide({ at: 61 }))['qbit/normal'], 160 * M);
  t.equal(downloadsOf(decide({ at: 62 }))['qbit/normal'], null);
});

t.test('always: also when nobody watches; what others fetch takes away at once and gives back after the hold', async (t) => {
  const decide = home({ limitDownloads: 'always' });
  t.equal(downloadsOf(decide())['qbit/normal'], 160 * M);
  t.equal(downloadsOf(decide({ at: 1, otherDownBps: 100 * M }))['qbit/normal'], 80 * M);
  t.equal(downloadsOf(decide({ at: 2 }))['qbit/normal'], 80 * M);
  t.equal(downloadsOf(decide({ at: 61 }))['qbit/normal'], 80 * M);
  t.equal(downloadsOf(decide({ at: 62 }))['qbit/normal'], 160 * M);
  t.equal(downloadsOf(decide({ at: 63, otherDownBps: 900 * M }))['qbit/normal'], M, 'the floor');
});

t.test(
  'one that only downloads shares with the torrents; the ceiling is the download limit of the mode that is active',
  async (t) => {
    const decide = home({ limitDownloads: 'streaming' });
    const torrents = [
      torrent('qbit', { mode: 'alternative', downloadCeilingBps: { normal: 9 * M, alternative: 50 * M } }),
      torrent('sab', { uploads: false }),
      torrent('old', { downloadCeilingBps: null }),
      torrent('far', { onUplink: false }),
      torrent('unheard', { mode: null }),
    ];
    const decision = decide({ streams, torrents });
    t.same(downloadsOf(decision), {
      'qbit/alternative': null,
      'qbit/normal': null,
      'sab/normal': 110 * M,
      'sab/alternative': null,
    });
    t.same(Object.keys(torrentsOf(decision)), ['qbit/alternative', 'qbit/normal', 'old/normal', 'old/alternative']);
  },
);

t.test('downloads are shared by who downloads, not by who uploads', async (t) => {
  const torrents = [torrent('a', { uploadBps: 5 * M }), torrent('b', { downloadBps: 5 * M })];
  const decision = home({ limitDownloads: 'streaming', share: 'activity' })({ streams, torrents });
  t.match(downloadsOf(decision), { 'a/normal': 8 * M, 'b/normal': 152 * M });
  t.match(torrentsOf(decision), { 'a/normal': 23.75 * M, 'b/normal': 1.25 * M });
});

t.test('a silent router: 15 s nothing, then it shrinks to the floor, which is the safe plan', async (t) => {
  const decide = home({ limitDownloads: 'streaming' });
  const at = (second: number): number =>
    downloadsOf(decide({ at: second, streams, routerSilentMs: second * 1_000 }))['qbit/normal'] ?? Number.NaN;
  t.same([at(0), at(15)], [160 * M, 160 * M]);
  const fading = [20, 30, 45, 59].map(at);
  t.same(
    [...fading].sort((a, b) => b - a),
    fading,
  );
  t.ok((fading[0] ?? 0) < 150 * M && (fading[3] ?? 0) < 6 * M, String(fading));
  t.equal(at(60), M);
  t.equal(at(600), M);
});

t.test('no capacity, no limit; but one that stood stands through the safe plan', async (t) => {
  const decide = home({ limitDownloads: 'streaming' });
  const download = (at: number, change: Partial<DecisionInput>) => downloadsOf(decide({ at, streams, ...change }))['qbit/normal'];
  t.equal(download(0, { capacityDownBps: null }), null);
  t.equal(download(1, {}), 160 * M);
  t.equal(download(2, { capacityDownBps: null, capacityUpBps: null }), 160 * M, 'kept');
  t.equal(download(3, { capacityDownBps: null, routerSilentMs: 90_000 }), 160 * M);
  t.equal(download(4, { routerSilentMs: 91_000 }), M, 'known but stale: the floor');
  t.equal(download(5, { capacityDownBps: null, routerSilentMs: 92_000 }), M);
  download(6, { capacityDownBps: null });
  t.equal(download(80, { capacityDownBps: null }), null, 'no safe plan: their own again');
  t.equal(home({ limitDownloads: 'always' })({ capacityDownBps: null, serverLost: true }).downloadTotalBps, null, 'none stood');
});

t.test('switched off, and where the upload capacity was never known, downloads are let go of at once', async (t) => {
  const settings = { torrents: { ...SETTINGS.torrents, limitDownloads: 'always' } } as const;
  const decide = home(settings.torrents);
  decide({ streams });
  t.equal(decide({ at: 1, streams, settings: { ...SETTINGS, ...settings, enabled: false } }).downloadTotalBps, null);
  t.equal(home(settings.torrents)({ capacityUpBps: null }).downloadTotalBps, null);
});
