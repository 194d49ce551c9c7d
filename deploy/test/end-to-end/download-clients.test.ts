// Every download client behind one uplink, real where Debian has it: they give way to a viewer, share what is left, and get their own back.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { configure, openCrowdedHome, ratesOf } from './fixtures/many-clients.ts';
import { until } from './fixtures/until.ts';

const UP_BPS = 20_000_000;

t.test('four download clients give way to somebody at Plex', async (t) => {
  const { home, limits, owners, qbittorrent, sabnzbd, hands, viewer, start } = await openCrowdedHome(t);
  await start();
  const own = ratesOf(owners);
  const allLimited = async (): Promise<boolean> => {
    const now = ratesOf(await limits());
    return Object.entries(now).every(([client, bps]) => bps < own[client as keyof typeof own]);
  };
  const asOwned = async (): Promise<boolean> => JSON.stringify(await limits()) === JSON.stringify(owners);
  const play = () => viewer.play({ title: 'The Weir', bitrateKbps: 8_000, reservedKbps: 9_000 });

  await t.test('nobody watches: all is as its owner has it', async (t) => {
    await home.controller.waitFor(({ client, text }) => client === 'usenet' || text === 'Headgate runs');
    t.same(await limits(), owners);
  });

  await t.test('somebody watches: each has its limit, the busy one most, the idle ones a net (rows 174, 177)', async (t) => {
    await play();
    const ms = await until('all four are limited', allLimited, { show: limits });
    t.comment(`all four are limited ${Math.round(ms)} ms after "playing"`);
    const now = ratesOf(await limits());
    t.comment(JSON.stringify(now));
    for (const [client, bps] of Object.entries(now)) t.ok(bps > 0 && bps < UP_BPS * 2.5, `${client}: ${bps} bit/s is a limit`);
    t.ok(now.qbittorrent > 5 * now.transmission && now.qbittorrent > 5 * now.deluge, 'qBittorrent sends, the others rest');
    t.ok(now.transmission >= 64_000 && now.deluge >= 64_000, 'a net');
    t.ok(now.qbittorrent + now.transmission + now.deluge <= UP_BPS - 9_000_000, 'beside what the viewer needs');
    const { 'transmission alt-speed-up': resting, 'qbittorrent alt_up_limit': slow } = await limits();
    t.same([resting, slow], [owners['transmission alt-speed-up'], owners['qbittorrent alt_up_limit']], 'what rests is untouched');
    t.ok(sabnzbd.bytesPerSecond() * 8 <= 50_000_000 * 0.9, 'Usenet leaves the reserve of the download side');
  });

  await t.test('the viewer leaves: exactly as their owners had it (rows 48, 178)', async (t) => {
    await viewer.leave();
    await until('all as before', asOwned, { show: limits });
    t.match(await limits(), {
      'transmission speed-limit-up': 900,
      'transmission speed-limit-up-enabled': false,
      'deluge max_upload_speed': 1_200.5,
      'deluge max_download_speed': -1,
      'sabnzbd speedlimit': '60',
    });
  });

  await t.test('SIGTERM while limits stand: all back at once (rows 58, 198)', async (t) => {
    await play();
    await until('all four are limited', allLimited, { show: limits });
    const from = performance.now();
    t.equal(await home.controller.stop(), 0);
    const ms = performance.now() - from;
    t.comment(`${Math.round(ms)} ms`);
    t.ok(ms < 7_000, 'the 8 s that a stop may take are not needed');
    t.same(await limits(), owners);
  });

  await t.test('share: fixed, 3 to 1: so it stands in their limits, busy or not', async (t) => {
    await configure(home, (config) => {
      config['torrents'] = { share: 'fixed' };
      for (const client of config.torrent_clients) client['share'] = client['name'] === 'qbit' ? 3 : 1;
    });
    await home.controller.start();
    await until('all four are limited', allLimited, { show: limits });
    const { qbittorrent: three, transmission: one, deluge: other } = await settled(async () => ratesOf(await limits()));
    t.ok(Math.abs(three / one - 3) < 0.1 && Math.abs(three / other - 3) < 0.1, `${three} ${one} ${other}`);
  });

  await t.test('share: activity, and another becomes busy: the part moves', async (t) => {
    await home.controller.stop();
    await configure(home, (config) => {
      config['torrents'] = { share: 'activity' };
    });
    qbittorrent.traffic.want({ upload: 0 });
    // What it sent a moment ago would be on the WAN, and nobody's.
    await wait(2_500);
    await home.controller.start();
    await until('all four are limited', allLimited, { show: limits });
    const resting = await settled(async () => ratesOf(await limits()));
    t.ok(Math.abs(resting.qbittorrent / resting.transmission - 3) < 0.1, `nobody is busy: by weight ${JSON.stringify(resting)}`);
    qbittorrent.traffic.want({ upload: 10_000_000 });
    const moved = async (): Promise<boolean> => {
      const { qbittorrent: busy, transmission: rest } = ratesOf(await limits());
      return busy > resting.qbittorrent && busy > 5 * rest;
    };
    const ms = await until('the busy one has most', moved, { show: () => resting });
    t.comment(`${Math.round(ms)} ms after it began to send`);
    t.ok(ratesOf(await limits()).deluge < resting.deluge, 'the others keep a net');
  });

  await t.test(
    'its user slows Transmission down (turtle) while it is limited: that slot is limited, the other is his (row 203)',
    async (t) => {
      await hands.transmission('session-set', { 'alt-speed-up': 800, 'alt-speed-enabled': true });
      await until('the alternative limit is ours', async () => Number((await limits())['transmission alt-speed-up']) < 800, {
        show: limits,
      });
      await until(
        'the normal one is as he had it',
        async () => (await limits())['transmission speed-limit-up-enabled'] === false,
        {
          show: limits,
        },
      );
      t.equal((await limits())['transmission speed-limit-up'], 900);
      await hands.transmission('session-set', { 'alt-speed-enabled': false });
      await until('and the other way round', async () => {
        const now = await limits();
        return now['transmission alt-speed-up'] === 800 && now['transmission speed-limit-up-enabled'] === true;
      });
      await viewer.leave();
      await until('both are his', async () => {
        const now = await limits();
        return now['transmission alt-speed-up'] === 800 && now['transmission speed-limit-up-enabled'] === false;
      });
      t.equal((await limits())['transmission speed-limit-up'], 900);
    },
  );
});

/** What is read twice the same, a second apart. */
async function settled<T>(read: () => Promise<T>): Promise<T> {
  for (let [before, left] = [await read(), 20]; ; left -= 1) {
    await wait(1_100);
    const now = await read();
    if (JSON.stringify(now) === JSON.stringify(before) || left === 0) return now;
    before = now;
  }
}
