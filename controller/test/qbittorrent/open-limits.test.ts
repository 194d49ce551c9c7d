// Four slots, two directions and two modes: a write reaches its own and leaves the other three alone.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import { startQbittorrentSimulator } from '../../../deploy/demo/qbittorrent/start-qbittorrent-simulator.ts';
import type { LimitSlot, ModeLimits } from '../../src/neighbours/download-client.ts';
import type { Qbittorrent } from '../../src/qbittorrent/open-qbittorrent.ts';
import { listen, openTestClient, patience } from './open-test-client.ts';

const installed = await hasQbittorrent();
const ways = {
  ...(installed ? { 'the real 4.5.2': () => startQbittorrent({ password: null }) } : {}),
  'the simulated 4.5.2': () => startQbittorrentSimulator({ version: '4.5.2', password: null }),
  'the simulated 5.2.3': () => startQbittorrentSimulator({ version: '5.2.3', password: null }),
};
type Limits = { readonly uploadLimitBps: ModeLimits | null; readonly downloadLimitBps: ModeLimits | null };

const limitsOf = async (client: Qbittorrent): Promise<Limits> => {
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  const { uploadLimitBps = null, downloadLimitBps = null } = heard.readings[0] ?? {};
  return { uploadLimitBps, downloadLimitBps };
};
const kiB = (count: number): number => count * 8 * 1024;

for (const [name, open] of Object.entries(ways)) {
  t.test(`${name}: each of the four limits is written alone, rounded to whole KiB/s and read back`, async (t) => {
    await using neighbour = await open();
    await using client = openTestClient(neighbour.url);
    t.same(await limitsOf(client), {
      uploadLimitBps: { normal: 0, alternative: kiB(10) },
      downloadLimitBps: { normal: 0, alternative: kiB(10) },
    });
    const change = (direction: LimitSlot['direction'], mode: LimitSlot['mode'], bps: number) =>
      client.changeLimit({ direction, mode }, async () => bps, patience());
    t.same(await change('download', 'normal', kiB(700) + 8_000), { beforeBps: 0, afterBps: kiB(700), written: true });
    t.same(await limitsOf(client), {
      uploadLimitBps: { normal: 0, alternative: kiB(10) },
      downloadLimitBps: { normal: kiB(700), alternative: kiB(10) },
    });
    t.same(await change('download', 'alternative', 1), { beforeBps: kiB(10), afterBps: kiB(1), written: true }, 'never 0');
    t.same(await change('upload', 'normal', kiB(300)), { beforeBps: 0, afterBps: kiB(300), written: true });
    t.same(await change('upload', 'alternative', kiB(20)), { beforeBps: kiB(10), afterBps: kiB(20), written: true });
    t.same(await limitsOf(client), {
      uploadLimitBps: { normal: kiB(300), alternative: kiB(20) },
      downloadLimitBps: { normal: kiB(700), alternative: kiB(1) },
    });
    t.same(await change('download', 'normal', 0), { beforeBps: kiB(700), afterBps: 0, written: true }, '0 gives back "none"');
    t.same(await limitsOf(client), {
      uploadLimitBps: { normal: kiB(300), alternative: kiB(20) },
      downloadLimitBps: { normal: 0, alternative: kiB(1) },
    });
  });

  t.test(`${name}: a download limit lands in its slot though the mode is toggled under it`, async (t) => {
    await using neighbour = await open();
    await using client = openTestClient(neighbour.url);
    const toggle = async (): Promise<number> => {
      await (await fetch(`${neighbour.url}/api/v2/transfer/toggleSpeedLimitsMode`, { method: 'POST' })).text();
      return kiB(500);
    };
    const changed = await client.changeLimit({ direction: 'download', mode: 'normal' }, toggle, patience());
    t.same(changed, { beforeBps: 0, afterBps: kiB(500), written: true });
    t.same((await limitsOf(client)).downloadLimitBps, { normal: kiB(500), alternative: kiB(10) });
  });
}

t.test('a hand edit of the active download limit is heard with the next poll', async (t) => {
  await using simulator = await startQbittorrentSimulator({ version: '5.1.4', password: null });
  await using client = openTestClient(simulator.url);
  await using heard = listen(client);
  await heard.until('a reading', ({ readings }) => readings.length > 0);
  simulator.edit({ dl_limit: 400 * 1024 });
  await heard.until('the edit', ({ readings }) => readings.at(-1)?.downloadLimitBps?.normal === kiB(400));
  t.equal(heard.readings.at(-1)?.uploadLimitBps?.normal, 0);
});
