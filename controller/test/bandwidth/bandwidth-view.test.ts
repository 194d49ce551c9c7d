// What REST shows: in the shape that the API promises.
import t from 'tap';
import { bandwidthView, streamView } from '../../src/bandwidth/bandwidth-api.ts';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { viewBandwidth, viewStream } from '../../src/bandwidth/bandwidth-view.ts';
import { M, playing, SETTINGS, torrent, watched } from './fixtures/decision-input.ts';
import { decisions } from './fixtures/decisions.ts';

const UTC = Date.UTC(2026, 10, 21, 8);
const health = { state: 'live', since: UTC, problem: null } as const;
const limits = { normal: 9 * M, alternative: -1 };
const reading = {
  at: UTC,
  uploadBps: 5 * M,
  downloadBps: 40 * M + 0.4,
  mode: 'normal',
  uploadLimitBps: limits,
  downloadLimitBps: limits,
  limitsLanPeers: true,
} as const;
const settings = {
  ...SETTINGS,
  torrents: { ...SETTINGS.torrents, share: 'activity', limitDownloads: 'always', pauseBelowBps: 30 * M },
} as const;

const status = (change: Partial<BandwidthStatus> = {}): BandwidthStatus => ({
  settings,
  boosts: [],
  overrides: [],
  overheads: new Map(),
  userLimits: new Map(),
  clientOriginals: new Map(),
  decision: decisions(settings)({
    streams: [watched('anna', 8 * M)],
    torrents: [torrent('qbit', { downloadBps: 40 * M }), torrent('usenet', { uploads: false, downloadBps: 60 * M })],
  }),
  uplink: { reading: null, otherBps: 3 * M, otherDownBps: 20 * M, silentMs: null, knownFromStart: false, rush: null },
  capacityUpBps: 40 * M,
  capacityDownBps: 200 * M,
  capacityFrom: 'operator',
  streams: [],
  mediaServers: [{ name: 'cinema', type: 'plex', onUplink: true, health }],
  torrentClients: [
    { name: 'qbit', type: 'qbittorrent', onUplink: true, health, reading },
    { name: 'usenet', type: 'sabnzbd', onUplink: true, health, reading: { ...reading, uploadLimitBps: null } },
    { name: 'late', type: 'deluge', onUplink: true, health: null, reading: null },
  ],
  warnings: [],
  held: 0,
  rehearsal: null,
  ...change,
});

t.test('download clients with both limits, whether they are stopped, and the budget of downloads', async (t) => {
  const view = viewBandwidth(status(), UTC);
  t.same(bandwidthView.parse(view), view, 'as the API promises');
  t.match(view.torrent_clients, [
    {
      name: 'qbit',
      type: 'qbittorrent',
      cap_bps: 25 * M,
      limit_bps: 9 * M,
      download_cap_bps: 80 * M,
      download_limit_bps: 9 * M,
      download_bps: 40 * M,
      paused: true,
    },
    { name: 'usenet', type: 'sabnzbd', cap_bps: null, limit_bps: null, download_cap_bps: 80 * M, paused: false },
    { name: 'late', type: 'deluge', download_cap_bps: null, download_limit_bps: null, paused: false, health: null },
  ]);
  t.same(view.download_budget, { capacity_bps: 200 * M, reserve_bps: 20 * M, other_bps: 20 * M, downloads_bps: 160 * M });
  t.same(view.settings.torrents, {
    share: 'activity',
    limit_downloads: 'always',
    download_floor_bps: M,
    download_reserve: { percent: 10 },
    pause_below_bps: 30 * M,
  });
});

t.test('before the first decision, and without a download capacity', async (t) => {
  const view = viewBandwidth(status({ decision: null, capacityDownBps: null }), UTC);
  t.same(bandwidthView.parse(view), view);
  t.match(view, { mode: 'unknown', download_budget: null, torrent_clients: [{ cap_bps: null, paused: false }, {}, {}] });
  const unknown = status({ uplink: { ...status().uplink, otherDownBps: null } });
  t.match(viewBandwidth(unknown, UTC).download_budget, { other_bps: 0, downloads_bps: 180 * M });
});

t.test('a stream shows where its server says that it is, and that its demand is a reservation', async (t) => {
  const stream = playing('cleo', { saidPlace: 'relayed', reservedBps: 12 * M });
  const view = viewStream(watched('cleo', 12 * M, { stream, demand: { bps: 12 * M, from: 'reservation' } }));
  t.same(streamView.parse(view), view);
  t.match(view, { said_place: 'relayed', place: 'remote', demand_bps: 12 * M, demand_from: 'reservation' });
  t.equal(viewStream(watched('anna', 8 * M)).said_place, null);
});

t.test('a recording that stopped is a warning', async (t) => {
  const recording = { problem: 'Nothing is recorded for rehearsals: ENOSPC', turns: 0, leftOut: 3, bytes: 0, since: null };
  t.same(viewBandwidth(status({ rehearsal: { recording, shadow: null } }), UTC).warnings, [recording.problem]);
});
