// What happens to download clients while limits stand: their users change them, they die and come back, they are down when Headgate ends.
import t from 'tap';
import type { Limits } from './fixtures/every-limit.ts';
import { openCrowdedHome, ratesOf } from './fixtures/many-clients.ts';
import { until } from './fixtures/until.ts';

type Event = { readonly event_type: string; readonly text: string };

t.test('download clients that change and come back', async (t) => {
  const crowded = await openCrowdedHome(t);
  const { home, limits, qbittorrent, sabnzbd, daemons, hands, viewer, start } = crowded;
  let { owners } = crowded;
  const { transmission, deluge } = daemons;
  const observer = await start();
  let own = ratesOf(owners);
  const isLimited = async (...names: (keyof typeof own)[]): Promise<boolean> => {
    const now = ratesOf(await limits());
    return names.every((name) => now[name] < own[name]);
  };
  const allLimited = () => isLimited('qbittorrent', 'transmission', 'deluge', 'sabnzbd');
  let seen: Limits = owners;
  const asOwned = async (): Promise<boolean> => {
    seen = await limits();
    return JSON.stringify(seen) === JSON.stringify(owners);
  };
  const play = () => viewer.play({ title: 'The Weir', bitrateKbps: 8_000, reservedKbps: 9_000 });
  const told = (type: string): readonly string[] =>
    home.controller.lines().flatMap((line) => (line['event'] === type ? [String(line.text)] : []));
  const edited = (): readonly unknown[] =>
    home.controller.lines().flatMap((line) => (/changed by hand/.test(line.text ?? '') ? [line['target']] : []));
  await play();
  await until('all four are limited', allLimited, { show: limits });

  await t.test('each that was killed is limited again when it is back, and its own is still known (row 199)', async (t) => {
    await Promise.all([transmission.kill(), deluge.killDaemon(), qbittorrent.kill(), sabnzbd.powerOff()]);
    await until('all are missed', async () => observer.state()?.neighbours_silent === 4, {
      show: observer.state,
      mostMs: 20_000,
    });
    t.match(observer.state(), { remote_streams: 1, mode: 'streaming' });
    await Promise.all([transmission.start(), deluge.startDaemon(), qbittorrent.start(), sabnzbd.powerOn()]);
    const ms = await until('all four are limited', () => allLimited().catch(() => false), { mostMs: 25_000 });
    t.comment(`limited ${Math.round(ms)} ms after they were back`);
    t.same(edited(), [], 'what a client forgot is nobody’s edit');
    await viewer.leave();
    await until('all as before', asOwned, { show: () => seen });
  });

  await t.test('what a user sets by hand meanwhile is what comes back, and is told (row 178)', async (t) => {
    await play();
    await until('all four are limited', allLimited, { show: limits });
    qbittorrent.edit({ up_limit: 1_500 * 1_024 });
    await hands.transmission('session-set', { 'speed-limit-up': 500 });
    await hands.deluge('core.set_config', { max_upload_speed: 444.5 });
    sabnzbd.user.limitSpeed('70');
    await until('four edits were seen', () => edited().length >= 4, { show: edited });
    t.same([...edited()].sort(), ['deluge', 'qbit', 'transmission', 'usenet (download)']);
    t.match(JSON.parse(observer.newest().get('headgate/event') ?? 'null') as Event, { event_type: 'hand_edit_kept' });
    await until('and limited again all the same', allLimited, { show: limits });
    await viewer.leave();
    owners = {
      ...owners,
      'qbittorrent up_limit': 1_500 * 1_024,
      'transmission speed-limit-up': 500,
      'transmission speed-limit-up-enabled': true,
      'deluge max_upload_speed': 444.5,
      'sabnzbd speedlimit': '70',
      'sabnzbd speedlimit_abs': `${0.7 * 10 * 1_024 ** 2}`,
    };
    own = ratesOf(owners);
    await until('theirs, and the rest as before', asOwned, { show: () => seen });
  });

  await t.test('down when Headgate ends: told, and given back at the next start that finds them (rows 58, 199)', async (t) => {
    await play();
    await until('all four are limited', allLimited, { show: limits });
    await Promise.all([transmission.stop(), deluge.stopDaemon(), qbittorrent.stop(), sabnzbd.powerOff()]);
    const from = performance.now();
    t.equal(await home.controller.stop(), 0);
    t.comment(`stopped after ${Math.round(performance.now() - from)} ms`);
    t.ok(performance.now() - from < 9_000);
    for (const name of ['qbit', 'transmission', 'deluge', 'usenet'])
      t.match(told('restore_incomplete').at(-1), new RegExp(`Not put back yet: .*${name}`));
    await viewer.leave();
    await Promise.all([transmission.start(), deluge.startDaemon()]);
    await qbittorrent.start();
    await home.controller.start();
    await sabnzbd.powerOn();
    // SABnzbd starts with what it is configured to; what was set by hand is forgotten, with Headgate as without.
    const { 'sabnzbd speedlimit': percent, 'sabnzbd speedlimit_abs': rate } = crowded.owners;
    owners = { ...owners, 'sabnzbd speedlimit': percent ?? '', 'sabnzbd speedlimit_abs': rate ?? '' };
    await until('all as before', () => asOwned().catch(() => false), { show: () => seen, mostMs: 25_000 });
  });
});
