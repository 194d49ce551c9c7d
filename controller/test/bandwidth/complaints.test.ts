// What users of other controllers complained of (the fifteen of issue F), each as a test of ours. 13 is of the router agent (deploy/bench/agent-router.bench.ts);
// 15 of the broker link and of discovery, and stands there.
import t from 'tap';
import { parseRanges } from '../../src/bandwidth/address-range.ts';
import { locateViewer } from '../../src/bandwidth/viewer-location.ts';
import { findWarnings } from '../../src/bandwidth/warnings.ts';
import { readableSessions } from '../../src/jellyfin/jellyfin-schemas.ts';
import { foldSessions } from '../../src/jellyfin/playing-streams.ts';
import type { PlayingStream } from '../../src/neighbours/media-server.ts';
import { M, playing, watched } from './fixtures/decision-input.ts';
import { film, torrentLimits } from './fixtures/home-views.ts';
import { type MemoryHome, openMemoryHome } from './fixtures/memory-home.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

const RULES = { limitBps: 0, localSubnets: [], enableIPv6: false, knownProxies: [], version: '12.0.0' };
const FAST = { restoreAfterMs: 0, writeIntervalMs: 0, minPerViewerBps: M };
const made = (bps: number) => ({ transcode: { bps, videoDirect: false, audioDirect: false, limited: true } });

async function watch(home: MemoryHome, seconds: number, streams: readonly PlayingStream[], upBps = 0): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    home.play(...streams.map((stream) => ({ ...stream, lastCheckInAt: home.clock.now() })));
    await home.pass(1, upBps);
  }
}
const states = ({ bandwidth }: MemoryHome) =>
  bandwidth
    .status()
    .streams.map(({ capState }) => capState)
    .join();
const told = ({ events }: MemoryHome, type: string) => events.filter((event) => event.type === type).length;

t.test(
  '1, jellyfin#13644: a player that ignores its cap is told of within half a minute, and others are not promised what it takes',
  async (t) => {
    await using home = await openMemoryHome({ ...FAST, capacityUpBps: 20 * M }, ['anna', 'ben']);
    await watch(home, 10, []);
    const infuse = playing('anna', { client: 'Infuse', itemId: 'film', nominalBps: 40 * M, startedAt: home.clock.now() });
    await watch(home, 25, [infuse]);
    t.equal(states(home), 'ignored');
    t.equal(told(home, 'cap_ignored'), 1);
    t.equal(home.limits.get('ben'), M);
  },
);

t.test('2, jellyfin#12469: a cap that rose from 3 to 10 reaches the stream that runs', async (t) => {
  await using home = await openMemoryHome({ ...FAST, capacityUpBps: 4 * M }, ['anna']);
  await watch(home, 10, []);
  const skills = { renegotiates: true, replays: true, shows: true };
  const web = playing('anna', { client: 'Jellyfin Web', itemId: 'film', startedAt: home.clock.now(), skills });
  await watch(home, 30, [{ ...web, ...made(3 * M) }]);
  t.equal(home.limits.get('anna'), 3 * M);
  await home.bandwidth.change({ capacityUpBps: 12 * M }, 'test');
  await watch(home, 30, [{ ...web, ...made(3 * M) }]);
  t.equal(home.limits.get('anna'), 10 * M);
  t.same(home.players.asks, ['renegotiate anna-1']);
});

t.test('3, jellyfin#13883, #13895: remote viewers hidden behind a proxy that the server does not know are told of', async (t) => {
  const at = (user: string) => watched(user, 8 * M, { stream: playing(user, { address: '172.18.0.5' }) });
  const [warning] = findWarnings([{ name: 'main', rules: RULES, streams: [at('anna'), at('ben')] }], null);
  t.match(warning, /172\.18\.0\.5.*KnownProxies/);
});

t.test(
  '4, jellyfin#7436: a viewer by VPN is local to its server, draws on the uplink all the same, and is told of',
  async (t) => {
    const home = { home: parseRanges(['192.168.0.0/16']), vpn: parseRanges(['10.8.0.0/24']), testExternal: null };
    const is = locateViewer('10.8.0.3', home, RULES);
    t.match(is, { place: 'vpn', usesUplink: true, capped: false });
    t.ok(is.hint);
  },
);

t.test(
  '5, jellyfin#11365, #12866: a download that no limit governs: everything else gives way to it, and it is told of',
  async (t) => {
    await using home = await openMemoryHome(FAST, ['anna', 'ben']);
    const anna = playing('anna', { startedAt: home.clock.now() });
    await watch(home, 60, [anna], 3 * M + 8 * M);
    const before = home.limits.get('ben') ?? 0;
    await watch(home, 40, [anna], 3 * M + 8 * M + 15 * M);
    t.ok((home.limits.get('ben') ?? 0) <= before - 14 * M, `${before} to ${home.limits.get('ben')}`);
    t.match(home.bandwidth.status().warnings, [/^1\d\.\d Mbit\/s leave the home that no viewer and no torrent explains/]);
  },
);

t.test(
  '6, jellyfin#6032, plezy#1242: Live TV over its limit is counted with what it takes, told of, and not interrupted',
  async (t) => {
    await using home = await openMemoryHome({ ...FAST, capacityUpBps: 12 * M }, ['anna', 'ben']);
    await watch(home, 10, []);
    const live = playing('anna', { kind: 'live', itemId: 'channel', nominalBps: 20 * M, startedAt: home.clock.now() });
    await watch(home, 60, [live]);
    t.equal(states(home), 'ignored');
    t.equal(home.bandwidth.status().decision?.runningBps, 20 * M);
    t.same(home.players.asks, []);
  },
);

t.test('7, jellyfin-roku#281, #1623: one that honours the first episode only is noticed at the second', async (t) => {
  await using home = await openMemoryHome({ ...FAST, capacityUpBps: 6 * M }, ['anna']);
  await watch(home, 10, []);
  const roku = playing('anna', { client: 'Jellyfin Roku', itemId: 'episode 1', startedAt: home.clock.now() });
  await watch(home, 30, [{ ...roku, ...made(4.5 * M) }]);
  t.equal(states(home), 'obeyed');
  await watch(home, 30, [{ ...roku, itemId: 'episode 2', startedAt: home.clock.now() }]);
  t.equal(states(home), 'ignored');
  t.equal(told(home, 'cap_ignored'), 1);
});

const session = (change: object) => ({
  Id: 's',
  UserId: 'u',
  NowPlayingItem: { Id: 'film', MediaType: 'Video' },
  PlayState: {},
  ...change,
});
const fold = (...sessions: object[]) =>
  foldSessions(new Map(), {
    sessions: readableSessions(sessions),
    ...{ at: 0, monotonic: 0, clockOffsetMs: 0, sourceOf: () => null },
  }).streams;

t.test('8, speedrr#2, #7: tracks without a bit rate hide nobody: the stream counts by its height', async (t) => {
  const MediaStreams = [
    { Type: 'Video', Index: 0, Height: 1080 },
    { Type: 'Audio', Index: 1 },
  ];
  const [stream] = fold(session({ NowPlayingItem: { Id: 'film', MediaType: 'Video', MediaStreams } }));
  t.match(stream, { nominalBps: null, height: 1080 });
  await using home = await openMemoryHome(FAST, ['anna']);
  home.play(playing('anna', { nominalBps: null, height: 1080 }));
  await home.pass(3);
  t.equal(home.bandwidth.status().decision?.runningBps, 10 * M);
});

t.test('9, speedrr#30, #36: a missing or empty TranscodingInfo stops no loop, nor does a list of nonsense', async (t) => {
  for (const TranscodingInfo of [undefined, null, {}, { Bitrate: null }, { Bitrate: 0, TranscodeReasons: 5 }])
    t.equal(
      fold(session({ TranscodingInfo, PlayState: { PlayMethod: 'Transcode' } })).length,
      1,
      JSON.stringify(TranscodingInfo),
    );
  t.equal(fold(session({ TranscodingInfo: { Bitrate: 'many' } }), session({ Id: 'other' })).length, 1, 'the other is seen');
});

t.test('10, speedrr PR 37: qBittorrent 5.2 logs in with 204 and another cookie, and is limited', async () => {
  await using home = await openHome({ torrentSettings: { up_limit: 0 } });
  await home.start();
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  await viewer.play(film(home.jellyfin));
  await waitUntil('limited', () => torrentLimits(home).up > 0);
});

t.test('11, Speedarr#43: a budget that is used up is never written as 0, which is "unlimited" everywhere', async (t) => {
  await using home = await openMemoryHome({ ...FAST, capacityUpBps: M, minPerViewerBps: 10_000, torrentFloorBps: 8_192 }, [
    'anna',
  ]);
  home.torrents.uploadBps = 5 * M;
  await watch(home, 40, [playing('anna', { nominalBps: 60 * M, startedAt: home.clock.now() })], 40 * M);
  const capped = home.writes.filter(({ bps }) => bps >= 0);
  t.ok(capped.length > 0);
  t.notOk(
    capped.some(({ bps }) => bps === 0),
    'nothing is written as 0 while somebody watches',
  );
});

t.test('12, Speedarr#37, #13: a limit that was typed for a viewer holds, and who plays at home costs nothing', async (t) => {
  await using home = await openMemoryHome({ ...FAST, viewers: { anna: { maxBps: 3 * M } } }, ['anna', 'ben']);
  const atHome = playing('ben', { address: '192.168.1.20', nominalBps: 60 * M });
  await watch(home, 5, [playing('anna'), atHome], 11 * M);
  t.equal(home.limits.get('anna'), 3 * M);
  t.equal(home.bandwidth.status().decision?.runningBps, 8 * M);
});

t.test('14, cake-autorate#326, #350: what measures falls silent: nothing is pinned to its least for good', async (t) => {
  await using home = await openMemoryHome(FAST, ['anna']);
  const anna = playing('anna', { startedAt: home.clock.now() });
  await watch(home, 20, [anna], 11 * M);
  const before = home.limits.get('anna') ?? 0;
  home.play(anna);
  await home.pass(120, null);
  t.same([home.bandwidth.status().decision?.mode, home.limits.get('anna')], ['safe', before], 'viewers keep what they had');
  await watch(home, 20, [anna], 11 * M);
  t.equal(home.bandwidth.status().decision?.mode, 'streaming');
  t.equal(home.limits.get('anna'), before);
});
