// Torrents stopped altogether while too little is left for them.
import t from 'tap';
import { M, SETTINGS, torrent, watched } from './fixtures/decision-input.ts';
import { decisions } from './fixtures/decisions.ts';

const home = (pauseBelowBps: number | null = 2 * M) => decisions({ torrents: { ...SETTINGS.torrents, pauseBelowBps } });
/** 33 Mbit/s are usable: this leaves 5, and 1 for torrents. */
const [small, large] = [[watched('anna', 28 * M)], [watched('anna', 32 * M)]];

t.test('below it all clients that send are stopped at once; above it they run after restore_after', async (t) => {
  const decide = home();
  const torrents = [
    torrent('qbit'),
    torrent('sab', { uploads: false }),
    torrent('far', { onUplink: false }),
    torrent('deluge'),
    torrent('unheard', { mode: null }),
  ];
  const paused = (at: number, streams = small) => decide({ at, streams, torrents }).pausedClients;
  t.same(paused(0), []);
  t.same(paused(1, large), ['qbit', 'deluge']);
  t.match(decide({ at: 1, streams: large, torrents }).reason, /Stopped for now: qbit, deluge\./);
  t.same(paused(60), ['qbit', 'deluge']);
  t.same(paused(61, large), ['qbit', 'deluge'], 'scarce again: the hold begins anew');
  t.same(paused(62), ['qbit', 'deluge']);
  t.same(paused(121), ['qbit', 'deluge']);
  t.same(paused(122), []);
});

t.test('nobody watches: nothing is stopped, and what was runs again after restore_after', async (t) => {
  const decide = home();
  t.same(decide({ otherBps: 60 * M }).pausedClients, [], 'others alone are no reason');
  t.same(decide({ at: 1, streams: large }).pausedClients, ['qbit']);
  t.same(decide({ at: 2 }).pausedClients, ['qbit']);
  t.same(decide({ at: 61 }).pausedClients, ['qbit']);
  t.same(decide({ at: 62 }).pausedClients, []);
});

t.test(
  'with a short restore_after torrents do not stop and start at each burst of the others; once nobody watches it is what counts',
  async (t) => {
    const decide = decisions({ restoreAfterMs: 5_000, torrents: { ...SETTINGS.torrents, pauseBelowBps: 2 * M } });
    let changes = 0;
    for (let at = 0, was = false; at < 3_600; at += 1) {
      const is = decide({ at, streams: small, otherBps: at % 20 < 2 ? 8 * M : 3 * M }).pausedClients.length > 0;
      if (is !== was) changes += 1;
      was = is;
    }
    t.equal(changes, 1, 'in an hour');
    t.same(decide({ at: 3_600 }).pausedClients, [], '19 s after the last burst: restore_after is over');
  },
);

t.test('the floor that torrents are promised does not count as what is left', async (t) => {
  const full = home(100_000)({ streams: [watched('anna', 33 * M)] });
  t.same([full.torrentTotalBps, full.pausedClients], [M / 2, ['qbit']]);
  t.same(home(null)({ streams: [watched('anna', 33 * M)] }).pausedClients, []);
});

t.test('the safe plan stops nothing new, and lets nothing run that was stopped while somebody watches', async (t) => {
  const decide = home();
  const silent = { routerSilentMs: 90_000 };
  t.same(decide({ streams: large, ...silent }).pausedClients, []);
  t.same(decide({ at: 1, streams: large }).pausedClients, ['qbit']);
  t.same(decide({ at: 300, streams: small, ...silent }).pausedClients, ['qbit']);
  t.same(decide({ at: 301, streams: large, capacityUpBps: null }).pausedClients, ['qbit']);
  t.same(decide({ at: 900, streams: small, serverLost: true }).pausedClients, ['qbit']);
  t.same(decide({ at: 1_000, ...silent }).pausedClients, ['qbit']);
  t.same(decide({ at: 1_100, ...silent }).pausedClients, ['qbit']);
  t.same(decide({ at: 1_160, ...silent }).pausedClients, [], 'the server is heard, and nobody watches');
});

t.test('a stale router alone stops nothing', async (t) => {
  t.same(home()({ streams: small, routerSilentMs: 59_000 }).pausedClients, []);
});

t.test('switched off: all run at once', async (t) => {
  const decide = home();
  decide({ streams: large });
  const off = { ...SETTINGS, enabled: false, torrents: { ...SETTINGS.torrents, pauseBelowBps: 2 * M } };
  t.same(decide({ at: 1, streams: large, settings: off }).pausedClients, []);
});
