// Row 12: the state that automations read, as the protocol has it.
import { bandwidthState } from '@headgate/protocol';
import t from 'tap';
import { toBandwidthState } from '../../src/bandwidth/bandwidth-state.ts';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { M, SETTINGS, torrent, viewer, watched } from './fixtures/decision-input.ts';
import { decisions } from './fixtures/decisions.ts';

const UTC = Date.UTC(2026, 10, 21, 8);
const uplink = { reading: null, otherBps: 3 * M, otherDownBps: null, silentMs: null, knownFromStart: false };
const status = (change: Partial<BandwidthStatus> = {}): BandwidthStatus => ({
  settings: SETTINGS,
  boosts: [],
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
    torrent_limit_bps: 25 * M,
    torrent_up_bps: 5 * M,
    viewers: { 'main/anna': 32.5 * M, 'main/ben': null },
    torrent_clients: { qbit: 25 * M },
    stale_since: null,
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
