// What plays: when it is listed, what is left out, what the brain reserves, and what goes over the uplink.
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import {
  type PlayOptions,
  type PlexSimulator,
  startPlexSimulator,
  type ViewerOptions,
} from '../../../demo/plex/plex-simulator.ts';
import { ask, listed, until } from './ask-plex.ts';

async function played(sim: PlexSimulator, viewer: ViewerOptions, what: PlayOptions = {}) {
  const player = sim.viewer(viewer);
  await player.play(what);
  await until('listed', async () => (await listed(sim)).some(({ sessionKey }) => sessionKey === player.sessionKey()));
  return { player, entry: (await listed(sim)).find(({ sessionKey }) => sessionKey === player.sessionKey()) };
}
const quick = { listDelayMs: 0 };

t.test('a session is listed a while after the play, and a while longer than it lasts', async (t) => {
  await using sim = await startPlexSimulator({ listDelayMs: 800 });
  t.same((await ask(sim, '/status/sessions')).text, '{"MediaContainer":{"size":0}}', 'no Metadata at all');
  const viewer = sim.viewer({ user: 'anna' });
  t.throws(() => viewer.sessionKey());
  await viewer.play();
  t.same(await listed(sim), []);
  await until('listed', async () => (await listed(sim)).length === 1);
  await viewer.leave();
  t.equal((await listed(sim)).length, 1, 'still there');
  await until('gone', async () => (await listed(sim)).length === 0);
  await viewer.leave();
  await t.rejects(viewer.pause(), /plays nothing/);
});

t.test('an entry of a direct play has no decision and no TranscodeSession, a transcode tells what is sent', async (t) => {
  await using sim = await startPlexSimulator(quick);
  const direct = await played(sim, { user: 'anna' }, { bitrateKbps: 8_000 });
  t.match(direct.entry, {
    sessionKey: '1',
    type: 'movie',
    Media: [{ bitrate: 8_000, videoResolution: '1080', height: 1080 }],
    User: { id: '1', title: 'anna', thumb: /X-Plex-Token=/ },
    Player: { address: '203.0.113.7', local: false, relayed: false, secure: true, state: 'playing', userID: 1 },
    Session: { id: String, bandwidth: 14_000, location: 'wan' },
  });
  t.notMatch(JSON.stringify(direct.entry), /TranscodeSession|decision/);
  const transcode = { throttled: true, speed: 0 };
  const { entry } = await played(sim, { user: 'ben' }, { bitrateKbps: 3_000, height: 720, transcode });
  t.match(entry, {
    Media: [{ bitrate: 3_000, videoResolution: '720p', Part: [{ decision: 'transcode' }] }],
    Session: { bandwidth: 3_150 },
    TranscodeSession: { throttled: true, speed: 0, complete: false, context: 'streaming', videoDecision: 'transcode' },
  });
  const fetched = await played(sim, { user: 'carl' }, { transcode: true, context: 'static' });
  t.match(fetched.entry, { TranscodeSession: { context: 'static' } });
});

t.test('what a server leaves out is absent, not null', async (t) => {
  await using sim = await startPlexSimulator(quick);
  const bare = { address: null, remotePublicAddress: null, location: null, local: null };
  const { entry } = await played(sim, { user: 'anna', ...bare }, { live: true });
  t.ok(entry);
  t.notOk(entry && ['Session', 'ratingKey', 'duration', 'guid'].some((name) => name in entry));
  t.match(entry, { live: true, type: 'clip', key: /^\/livetv\/sessions\// });
  const player = entry?.Player as object;
  t.notOk(['address', 'remotePublicAddress', 'local'].some((name) => name in player));
  const without = await played(sim, { user: 'ben', location: 'lan' }, { withoutSession: true });
  t.notHas(without.entry, { Session: Object });
  t.match(without.entry, { Player: { address: '192.168.1.50', local: true, remotePublicAddress: '203.0.113.7' } });
});

t.test('a limit per stream is for what is played remotely from then on', async (t) => {
  await using sim = await startPlexSimulator(quick);
  const before = await played(sim, { user: 'anna' });
  t.equal((await ask(sim, '/:/prefs?WanPerStreamMaxUploadRate=4000', { method: 'PUT' })).status, 200);
  const after = await played(sim, { user: 'ben' });
  t.match(after.entry, {
    Media: [{ bitrate: 3_809 }],
    Session: { bandwidth: 4_000 },
    TranscodeSession: { videoDecision: 'transcode' },
  });
  const home = await played(sim, { user: 'carl', location: 'lan' });
  for (const { entry } of [before, home]) t.notMatch(entry, { TranscodeSession: {} });
  const [running] = await listed(sim);
  t.match(running, { Media: [{ bitrate: 8_000 }], Session: { bandwidth: 14_000 } }, 'what ran goes on as it was');
  t.same(sim.traffic(), { upBps: 8_000_000 + 3_809_000 });
  await before.player.play({ keepsSession: true, title: 'Next' });
  t.match(
    (await listed(sim))[0],
    { sessionKey: '1', title: 'Next', Session: { bandwidth: 4_000 } },
    'the next item of its queue',
  );
  await using free = await startPlexSimulator({ ...quick, plexPass: false, preferences: { WanPerStreamMaxUploadRate: 4_000 } });
  t.match((await played(free, { user: 'anna' })).entry, { Session: { bandwidth: 14_000 } }, 'without Plex Pass it is not obeyed');
});

t.test('a limit for all together leaves the next stream what others did not reserve, the relay 2 Mbit/s', async (t) => {
  await using sim = await startPlexSimulator({ ...quick, preferences: { WanTotalMaxUploadRate: 20_000 } });
  await played(sim, { user: 'anna' });
  t.match((await played(sim, { user: 'ben' })).entry, { Session: { bandwidth: 6_000 }, TranscodeSession: {} });
  await using other = await startPlexSimulator(quick);
  t.match((await played(other, { user: 'anna', relayed: true })).entry, {
    Session: { bandwidth: 2_000 },
    Player: { relayed: true, address: '127.0.0.1' },
  });
});

t.test('a trailer reserves 10 Gbit/s and is sent as it is', async (t) => {
  await using sim = await startPlexSimulator({ ...quick, preferences: { WanPerStreamMaxUploadRate: 20_000 } });
  const { entry } = await played(sim, { user: 'anna' }, { type: 'clip', bitrateKbps: 5_000 });
  t.match(entry, { type: 'clip', Session: { bandwidth: 10_000_000 } });
  t.notMatch(entry, { TranscodeSession: {} });
  t.same(sim.traffic(), { upBps: 5_000_000 });
  const own = await played(sim, { user: 'ben' }, { bitrateKbps: 4_000, reservedKbps: 9_999 });
  t.match(own.entry, { Session: { bandwidth: 9_999 } });
});

t.test('a paused player fills its buffer and then draws nothing, one at home never draws', async (t) => {
  await using sim = await startPlexSimulator({ ...quick, pauseBufferMs: 1_000 });
  const { player } = await played(sim, { user: 'anna' });
  await played(sim, { user: 'ben', location: 'lan' });
  await player.buffer();
  t.match(await listed(sim), [{ Player: { state: 'buffering' } }, {}]);
  t.same(sim.traffic(), { upBps: 8_000_000 });
  await player.resume();
  await player.pause();
  t.match(await listed(sim), [{ Player: { state: 'paused' }, Session: { bandwidth: 14_000 } }, {}], 'the reservation stays');
  t.same(sim.traffic(), { upBps: 8_000_000 });
  await until('the buffer is full', () => sim.traffic().upBps === 0);
  const [paused] = await listed(sim);
  await wait(50);
  t.match(await listed(sim), [{ viewOffset: paused?.viewOffset }, {}], 'it does not move on');
  await player.seek(60_000);
  await player.resume();
  t.ok(Number((await listed(sim))[0]?.viewOffset) >= 60_000);
  await player.leave();
  t.same(sim.traffic(), { upBps: 0 });
});
