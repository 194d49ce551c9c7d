// Row 12: the state that automations read, as the protocol has it.
import { bandwidthState } from '@headgate/protocol';
import t from 'tap';
import { toBandwidthState } from '../../src/bandwidth/bandwidth-state.ts';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { M, SETTINGS, torrent, viewer, watched } from './fixtures/decision-input.ts';
import { decisions } from './fixtures/decisions.ts';

const UTC = Date.UTC(2026, 10, 21, 8);
const uplink = { reading: null, otherBps: 3 * M, otherDownBps: null, silentMs: null, knownFromStart: false, rush: null };
const status = (change: Partial<BandwidthStatus> = {}): BandwidthStatus => ({
  settings: SETTINGS,
  boosts: [],
  overrides: [],
  overheads: new Map(),
  userLimits: new Map(),
  clientOriginals: new Map(),
  decision: null,
  uplink,
  capacityUpBps: 40 * M,
  capacityDownBps: null,
  capacityFrom: 'operator',
  streams: [],
  mediaServers: [],
  torrentClients: [],
  warnings: [],
  held: 0,
  rehearsal: null,
  ...change,
});

t.test('row 12: caps by server/user, the budget, the reason; what is unknown is null', async (t) => {
  const streams = [watched('anna', 8 * M), watched('ben', 3 * M, { key: 'home', counts: false })];
  const decision = decisions()({
    streams,
    viewers: [viewer('anna'), viewer('ben', { ceilingBps: M })],
    torrents: [torrent('qbit')],
  });
  const reading = {
    at: UTC,
    uploadBps: 5 * M,
    downloadBps: 0,
    mode: 'normal',
    uploadLimitBps: { normal: 0, alternative: 0 },
    downloadLimitBps: null,
    limitsLanPeers: null,
  } as const;
  const clients = [{ name: 'qbit', type: 'torrents', onUplink: true, health: null, reading }];
  const state = toBandwidthState(status({ decision, streams, torrentClients: clients }), { upBps: 20.4 * M, downBps: 1 }, UTC);
  t.same(bandwidthState.parse(state), state, 'as the protocol has it');
  t.match(state, {
    at: '2026-11-21T08:00:00.000Z',
    mode: 'streaming',
    wan_up_bps: 20.4 * M,
    capacity_down_bps: null,
    headroom_bps: 25 * M,
    reserve_bps: 4 * M,
    reserve_percent: 10,
    budget_bps: 32.5 * M,
    streams: 2,
    remote_streams: 1,
    remote_demand_bps: 8 * M,
    caps_pending: 0,
    caps_ignored: 0,
    torrent_limit_bps: 25 * M,
    torrent_up_bps: 5 * M,
    viewers: { 'main/anna': 32.5 * M, 'main/ben': null },
    torrent_clients: { qbit: 25 * M },
    stale_since: null,
  });
});

t.test('downloads, stopped torrents and silent neighbours, in flat numbers', async (t) => {
  const decision = decisions({ torrents: { ...SETTINGS.torrents, limitDownloads: 'always', pauseBelowBps: 30 * M } })({
    streams: [watched('anna', 8 * M)],
    torrents: [torrent('qbit', { downloadBps: 40 * M }), torrent('usenet', { uploads: false, downloadBps: 60 * M })],
  });
  const limits = { normal: 0, alternative: 0 };
  const reading = { at: UTC, mode: 'normal', limitsLanPeers: null, downloadLimitBps: limits } as const;
  const health = (state: 'live' | 'unreachable' | 'refused' | 'starting') => ({ state, since: UTC, problem: null });
  const qbit = { ...reading, uploadBps: 5 * M, downloadBps: 40 * M, uploadLimitBps: limits };
  const usenet = { ...reading, uploadBps: 0, downloadBps: 60 * M, uploadLimitBps: null };
  const state = toBandwidthState(
    status({
      decision,
      mediaServers: [
        { name: 'main', type: 'jellyfin', onUplink: true, health: health('live') },
        { name: 'cinema', type: 'plex', onUplink: true, health: health('refused') },
        { name: 'attic', type: 'plex', onUplink: true, health: null },
      ],
      torrentClients: [
        { name: 'qbit', type: 'qbittorrent', onUplink: true, health: health('unreachable'), reading: qbit },
        { name: 'usenet', type: 'sabnzbd', onUplink: true, health: health('starting'), reading: usenet },
        { name: 'far', type: 'deluge', onUplink: false, health: health('live'), reading: qbit },
      ],
    }),
    null,
    UTC,
  );
  t.same(bandwidthState.parse(state), state, 'as the protocol has it');
  // 200 Mbit/s, 10 % reserve, 20 of others.
  t.match(state, {
    download_limit_bps: 160 * M,
    torrent_down_bps: 100 * M,
    torrent_up_bps: 5 * M,
    torrents_paused: true,
    download_clients: { qbit: 80 * M, usenet: 80 * M, far: null },
    neighbours_silent: 2,
  });
  t.match(toBandwidthState(status(), null, UTC), {
    download_limit_bps: null,
    torrent_down_bps: 0,
    torrents_paused: false,
    download_clients: {},
    neighbours_silent: 0,
  });
});

t.test('before the first decision, and of a router that fell silent, it is a valid state too', async (t) => {
  const silent = status({
    uplink: {
      ...uplink,
      reading: {
        router: 'r',
        wan: 'w',
        sample: null,
        shaperUpBps: null,
        shaperDownBps: null,
        orderedUpBps: null,
        orderedDownBps: null,
        addresses: [],
        prefixes: [],
        saturated: null,
      },
      silentMs: 20_000,
    },
  });
  for (const one of [status({ capacityUpBps: null }), silent, status({ settings: { ...SETTINGS, reserve: { bps: 5 * M } } })])
    t.ok(bandwidthState.safeParse(toBandwidthState(one, null, UTC)).success);
  t.equal(toBandwidthState(silent, null, UTC).stale_since, '2026-11-21T07:59:40.000Z');
  t.equal(toBandwidthState(status({ settings: { ...SETTINGS, reserve: { bps: 5 * M } } }), null, UTC).reserve_percent, 12.5);
});

t.test('the shadow policy: whether it differs, how often, and why it last did; null without one', async (t) => {
  const shadow = {
    ...{ since: UTC, turns: 9, differs: true, differences: 2, differingMs: 4_000, decision: null, problem: null },
    last: { at: UTC, what: 'mode idle → safe', reason: 'So.', liveReason: 'Otherwise.' },
  };
  const state = bandwidthState.parse(toBandwidthState(status({ rehearsal: { recording: null, shadow } }), null, UTC));
  t.match(state, { shadow_differs: true, shadow_differences: 2, shadow_reason: 'mode idle → safe. So.' });
  const without = toBandwidthState(status(), null, UTC);
  t.match(without, { shadow_differs: null, shadow_differences: null, shadow_reason: null });
});
