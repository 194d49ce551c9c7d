// Who draws what, out of what the bandwidth feature knows (row 67).
import t from 'tap';
import type { BandwidthStatus } from '../../src/bandwidth/bandwidth-status.ts';
import { drawingOf } from '../../src/wiring/drawing-of-status.ts';
import { M, playing, watched } from '../bandwidth/fixtures/decision-input.ts';

const server = (name: string, onUplink: boolean): BandwidthStatus['mediaServers'][number] => ({
  name,
  type: 'jellyfin',
  onUplink,
  health: null,
});
const client = (name: string, onUplink: boolean, state: 'live' | 'unreachable'): BandwidthStatus['torrentClients'][number] => ({
  ...{ name, type: 'qbittorrent', onUplink, health: { state, since: 0, problem: null } },
  reading: {
    at: 0,
    uploadBps: M,
    downloadBps: 2 * M,
    mode: 'normal',
    uploadLimitBps: null,
    downloadLimitBps: null,
    limitsLanPeers: null,
  },
});
const HOME = { place: 'home', usesUplink: false, capped: false, hint: null } as const;

t.test('a stream that plays draws its demand, where it plays; one that is paused or cut off draws nothing', async (t) => {
  const { streams } = drawingOf({
    mediaServers: [server('main', true), server('far', false)],
    torrentClients: [],
    streams: [
      watched('anna', 7 * M, { wireBps: 8 * M }),
      watched('ben', 5 * M, { location: HOME, counts: false }),
      watched('cleo', 4 * M, { server: 'far', counts: false }),
      watched('dora', 3 * M, { stream: playing('dora', { paused: true }) }),
      watched('emil', 2 * M, { cutOff: true, counts: false }),
    ],
  });
  t.same(streams, [
    { key: 'main/anna-1', viewer: 'main/anna', player: 'Web', place: 'uplink', bps: 8 * M },
    { key: 'main/ben-1', viewer: 'main/ben', player: 'Web', place: 'home', bps: 5 * M },
    { key: 'main/cleo-1', viewer: 'far/cleo', player: 'Web', place: 'elsewhere', bps: 4 * M },
  ]);
});

t.test('a client draws what it last said, unless it gives no answer', async (t) => {
  const { clients } = drawingOf({
    ...{ mediaServers: [], streams: [] },
    torrentClients: [client('qbit', true, 'live'), client('box', false, 'live'), client('dead', true, 'unreachable')],
  });
  t.same(clients, [
    { name: 'qbit', place: 'uplink', upBps: M, downBps: 2 * M },
    { name: 'box', place: 'elsewhere', upBps: M, downBps: 2 * M },
  ]);
});
