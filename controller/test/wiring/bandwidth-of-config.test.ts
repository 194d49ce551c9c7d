// The configuration in the feature's words.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { locateViewer } from '../../src/bandwidth/viewer-location.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { bandwidthSettings, homeRanges, wantedWan } from '../../src/wiring/bandwidth-of-config.ts';

const configOf = async (t: Test, text: string) => {
  const path = join(t.testdir(), 'controller.yaml');
  await writeFile(path, text, { mode: 0o600 });
  return await loadConfig({ path, env: {}, algorithms: ['equal', 'priority', 'demand'] });
};
const CLIENT = '{ name: qbit, type: qbittorrent, url: http://q:8080';

t.test('reserve, capacity and viewers', async (t) => {
  const settings = bandwidthSettings(
    await configOf(
      t,
      'uplink: { upload: 40, reserve: 10% }\nviewers: { Anna: { class: premium, max: 20 }, main/Ben: { exempt: true } }\n',
    ),
  );
  t.match(settings, { capacityUpBps: 40_000_000, reserve: { percent: 10 } });
  t.match(
    settings.viewers,
    { anna: { class: 'premium', maxBps: 20_000_000 }, 'main/ben': { exempt: true } },
    'letter case does not count',
  );
  t.match(bandwidthSettings(await configOf(t, 'uplink: { upload: auto, reserve: 3 }\n')), {
    capacityUpBps: null,
    reserve: { bps: 3_000_000 },
  });
});

t.test('limits of a torrent client: fixed, shared, its own (rows 188, 189)', async (t) => {
  const settings = bandwidthSettings(
    await configOf(t, `torrent_clients:\n  - ${CLIENT}, limit_while_streaming: 500 KiB/s, limit_when_idle: 1000 KiB/s }\n`),
  );
  t.same(settings.torrentClients, { qbit: { whileStreamingBps: 4_096_000, whenIdleBps: 8_192_000, weight: 1 } });
  const plain = bandwidthSettings(await configOf(t, `torrent_clients:\n  - ${CLIENT} }\n`));
  t.same(plain.torrentClients, { qbit: { whileStreamingBps: null, whenIdleBps: null, weight: 1 } });
  await t.rejects(configOf(t, `torrent_clients:\n  - ${CLIENT}, limit_when_idle: unlimited }\n`), /limit_when_idle/);
  await t.rejects(configOf(t, `torrent_clients:\n  - ${CLIENT}, limit_while_streaming: 0 }\n`), /limit_while_streaming/);
});

t.test('clients share by weight, and all together as `torrents` says', async (t) => {
  const settings = bandwidthSettings(
    await configOf(
      t,
      `torrents: { share: fixed, limit_downloads: always, download_floor: 2, download_reserve: 20%, pause_below: 0.1 }
torrent_clients:\n  - ${CLIENT}, share: 3 }\n`,
    ),
  );
  t.match(settings.torrentClients, { qbit: { weight: 3 } });
  t.same(settings.torrents, {
    share: 'fixed',
    limitDownloads: 'always',
    downloadFloorBps: 2_000_000,
    downloadReserve: { percent: 20 },
    pauseBelowBps: 100_000,
  });
});

t.test('the WAN that counts', async (t) => {
  t.same(wantedWan(await configOf(t, '')), { router: null, wan: null });
  t.same(wantedWan(await configOf(t, 'uplink: { router: attic, wan: wanb }\n')), { router: 'attic', wan: 'wanb' });
});

t.test('test mode: only its own ranges count as outside (rows 15, 16)', async (t) => {
  const ranges = (mode: boolean) =>
    configOf(t, `network: { test_mode: ${mode}, test_external_ranges: [192.168.1.0/24, 10.9.0.0/16] }\n`).then(homeRanges);
  const on = await ranges(true);
  const off = await ranges(false);
  const placeIn = (where: typeof on, address: string): string => locateViewer(address, where, null).place;
  t.equal(placeIn(on, '192.168.1.30'), 'remote');
  t.equal(placeIn(on, '10.9.4.4'), 'remote');
  t.equal(placeIn(on, '192.168.2.30'), 'home');
  t.equal(placeIn(on, '203.0.113.9'), 'home', 'nobody else is outside');
  t.equal(placeIn(off, '192.168.1.30'), 'home');
  t.equal(placeIn(off, '203.0.113.9'), 'remote');
});
