// Scripted viewers: what they negotiate, what they report, and what becomes of them when they are commanded, cut off or closed.
import t from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../demo/jellyfin/jellyfin-simulator.ts';
import { ask, until } from './authorized-fetch.ts';

type Shown = {
  readonly Id: string;
  readonly IsActive: boolean;
  readonly RemoteEndPoint: string;
  readonly SupportsRemoteControl: boolean;
  readonly LastActivityDate: string;
  readonly LastPlaybackCheckIn: string;
  readonly NowPlayingItem?: { readonly Name: string; readonly MediaSources?: unknown; readonly Bitrate?: unknown } | null;
  readonly PlayState: {
    readonly PlayMethod?: string;
    readonly PositionTicks?: number;
    readonly IsPaused: boolean;
    readonly AudioStreamIndex?: number;
  };
  readonly TranscodingInfo?: { readonly Bitrate: number } | null;
  readonly SupportedCommands: readonly string[];
};

async function shown(sim: JellyfinSimulator, user: string): Promise<Shown | undefined> {
  const { json } = await ask(`${sim.url}/Sessions`, 'GET', sim.apiKey);
  return (json as (Shown & { UserName?: string })[]).find((session) => session.UserName === user);
}

async function command(
  sim: JellyfinSimulator,
  user: string,
  name: string,
  given: Readonly<Record<string, string>>,
): Promise<number> {
  const session = await shown(sim, user);
  return (await ask(`${sim.url}/Sessions/${session?.Id}/Command`, 'POST', sim.apiKey, { Name: name, Arguments: given })).status;
}

const film = (sim: JellyfinSimulator, name = 'Cap Film') => sim.items.find((item) => item.name === name)?.id ?? '';
const switchAudio = (sim: JellyfinSimulator, index = '1') => command(sim, 'anna', 'SetAudioStreamIndex', { Index: index });

t.test('a remote viewer under a limit transcodes at it, and the session looks as the recorded one', async (t) => {
  await using sim = await startJellyfinSimulator({ speed: 20, users: [{ name: 'anna', limitBps: 2_000_000 }] });
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play(film(sim));
  t.match(viewer.state(), { method: 'Transcode', negotiatedBps: 2_000_000 });
  const session = await shown(sim, 'anna');
  t.match(session, {
    RemoteEndPoint: '203.0.113.9',
    SupportsRemoteControl: true,
    IsActive: true,
    NowPlayingItem: { Name: 'Cap Film' },
    PlayState: { PlayMethod: 'Transcode', AudioStreamIndex: 1 },
    TranscodingInfo: { Bitrate: 2_127_893 },
  });
  t.notOk(session?.NowPlayingItem?.MediaSources ?? session?.NowPlayingItem?.Bitrate);
  t.ok(session?.SupportedCommands.includes('SetAudioStreamIndex'));
  t.notOk(session?.SupportedCommands.includes('SetMaxStreamingBitrate'));
  t.ok(
    sim.requests().some((request) => request.path === '/Playback/BitrateTest'),
    'it tested its line first',
  );
});

t.test('a limit that changes while it plays does nothing until the player asks again', async (t) => {
  await using sim = await startJellyfinSimulator({ speed: 20, users: [{ name: 'anna' }] });
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play([film(sim), film(sim)]);
  t.match(viewer.state(), { method: 'DirectPlay', negotiatedBps: null });
  sim.editPolicy('anna', { RemoteClientBitrateLimit: 1_000_000 });
  await viewer.seek(60_000);
  await viewer.pause();
  await viewer.resume();
  t.equal(await command(sim, 'anna', 'SetMaxStreamingBitrate', { Bitrate: '500000' }), 204, 'taken, and ignored');
  t.match(viewer.state(), { method: 'DirectPlay', negotiations: 1 });
  await viewer.next();
  t.match(viewer.state(), { method: 'Transcode', negotiatedBps: 1_000_000, negotiations: 2 }, 'the next item obeys');
});

t.test(
  'SetAudioStreamIndex makes it negotiate anew at its position, un-pauses it, and PlayMethod lies for a while',
  async (t) => {
    await using sim = await startJellyfinSimulator({ speed: 4, users: [{ name: 'anna', limitBps: 4_000_000 }] });
    const viewer = sim.viewer({ user: 'anna' });
    await viewer.play(film(sim), 100_000);
    await viewer.pause();
    sim.editPolicy('anna', { RemoteClientBitrateLimit: 2_000_000 });
    const reports = sim.requests().filter((request) => /Playing(\/Stopped)?$/.test(request.path)).length;
    t.equal(await switchAudio(sim), 204);
    await until('the lie', async () => {
      const session = await shown(sim, 'anna');
      return session?.PlayState.PlayMethod === 'DirectPlay' && session.TranscodingInfo?.Bitrate === 2_127_893;
    });
    t.match(viewer.state(), { method: 'Transcode', negotiatedBps: 2_000_000, paused: false, restartedAtZero: 0 });
    t.ok(viewer.state().positionMs >= 100_000);
    await until('the truth', async () => (await shown(sim, 'anna'))?.PlayState.PlayMethod === 'Transcode');
    t.equal(
      sim.requests().filter((request) => /Playing(\/Stopped)?$/.test(request.path)).length,
      reports,
      'neither Stopped nor Playing was reported',
    );
  },
);

t.test('the command twice within 500 ms restarts the film at 0:00; index 99 is taken and echoed', async (t) => {
  await using sim = await startJellyfinSimulator({ speed: 20, users: [{ name: 'anna', limitBps: 4_000_000 }] });
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play(film(sim), 300_000);
  await Promise.all([switchAudio(sim), switchAudio(sim)]);
  await until('two negotiations more', () => viewer.state().negotiations === 3);
  await until('it plays again', () => viewer.state().positionMs > 0 && viewer.state().positionMs < 300_000);
  t.equal(viewer.state().restartedAtZero, 1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  await switchAudio(sim, '99');
  await until('the echo', async () => (await shown(sim, 'anna'))?.PlayState.AudioStreamIndex === 99);
});

t.test('who keeps its tracks to itself, and who is at home, is not reached', async (t) => {
  await using sim = await startJellyfinSimulator({ speed: 20, users: [{ name: 'anna' }, { name: 'ben', limitBps: 1_000_000 }] });
  const safari = sim.viewer({ user: 'anna', ownAudioTracks: true });
  await safari.play(film(sim));
  sim.editPolicy('anna', { RemoteClientBitrateLimit: 1_000_000 });
  t.equal(await switchAudio(sim), 204);
  const home = sim.viewer({ user: 'ben', address: '192.168.1.20' });
  await home.play(film(sim));
  t.match(home.state(), { method: 'DirectPlay' });
  t.equal(safari.state().negotiations, 1);
  t.same(
    sim
      .traffic()
      .viewers.filter((viewer) => viewer.upBps > 0)
      .map((viewer) => viewer.user),
    ['anna'],
    'only who is away draws on the uplink',
  );
});

t.test('behind a proxy without KnownProxies everybody looks local', async (t) => {
  await using sim = await startJellyfinSimulator({
    speed: 20,
    network: { KnownProxies: [] },
    users: [{ name: 'anna', limitBps: 1_000_000 }],
  });
  const viewer = sim.viewer({ user: 'anna', proxied: true });
  await viewer.play(film(sim));
  t.match(viewer.state(), { method: 'DirectPlay' });
  t.match(await shown(sim, 'anna'), { RemoteEndPoint: '127.0.0.1' });
});

t.test('a viewer that is cut off leaves a ghost: only LastPlaybackCheckIn tells', async (t) => {
  await using sim = await startJellyfinSimulator({
    speed: 20,
    socketSilenceMs: 1_000,
    idleStopMs: 4_000,
    users: [{ name: 'anna' }],
  });
  const viewer = sim.viewer({ user: 'anna' });
  await viewer.play(film(sim));
  viewer.vanish();
  t.equal(sim.traffic().upBps, 0);
  const before = await shown(sim, 'anna');
  await until('inactive', async () => (await shown(sim, 'anna'))?.IsActive === false);
  const ghost = await shown(sim, 'anna');
  t.equal(ghost?.NowPlayingItem?.Name, 'Cap Film');
  t.ok((ghost?.PlayState.PositionTicks ?? 0) > (before?.PlayState.PositionTicks ?? 0));
  t.ok((ghost?.LastActivityDate ?? '') > (before?.LastActivityDate ?? ''));
  t.equal(ghost?.LastPlaybackCheckIn, before?.LastPlaybackCheckIn);
  await until('the server stops it', async () => (await shown(sim, 'anna'))?.NowPlayingItem === undefined);
});

t.test('a closed tab is gone at once, and several viewers add up with their bursts', async (t) => {
  await using sim = await startJellyfinSimulator({
    speed: 20,
    users: [
      { name: 'anna', limitBps: 2_000_000 },
      { name: 'ben', limitBps: 3_000_000 },
    ],
  });
  const [anna, ben] = [sim.viewer({ user: 'anna' }), sim.viewer({ user: 'ben', address: '198.51.100.4' })];
  await Promise.all([anna.play(film(sim)), ben.play(film(sim))]);
  await until('the burst of 20 s is over', () => sim.traffic().upBps === 5_000_000);
  await ben.seek(1_000);
  t.equal(sim.traffic().upBps, 2_000_000 + 3_000_000 * 1.75, 'a seek bursts again');
  await anna.pause();
  t.equal(sim.traffic().viewers.find((viewer) => viewer.user === 'anna')?.upBps, 0);
  await anna.leave();
  await until('gone', async () => (await shown(sim, 'anna')) === undefined, 1_000);
});
