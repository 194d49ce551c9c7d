// From recorded sessions, and from the traps of facts/jellyfin.md §12, to what plays.
import t from 'tap';
import * as z from 'zod';
import { type MediaSource, readableSessions, type Session, session } from '../../src/jellyfin/jellyfin-schemas.ts';
import { foldSessions, type Heard, type StreamMemory } from '../../src/jellyfin/playing-streams.ts';
import { answerTo, recorded } from './recording.ts';

const NOW = Date.parse('2026-11-21T04:58:00Z');
const START: StreamMemory = new Map();

const heard = (sessions: readonly Session[], ms = 0, extra: Partial<Heard> = {}): Heard => ({
  sessions,
  at: NOW + ms,
  monotonic: 1000 + ms,
  clockOffsetMs: 0,
  sourceOf: () => null,
  ...extra,
});

const playing = (change: Record<string, unknown> = {}): Session =>
  session.parse({
    Id: 's1',
    UserId: 'u1',
    UserName: 'anna',
    NowPlayingItem: { Id: 'film', Name: 'Film', MediaType: 'Video' },
    PlayState: { PositionTicks: 0, MediaSourceId: 'film', PlayMethod: 'DirectPlay' },
    ...change,
  });

const at = (seconds: number, change: Record<string, unknown> = {}) =>
  playing({ PlayState: { PositionTicks: seconds * 10_000_000, MediaSourceId: 'film', ...change } });

t.test('a recorded direct play', async (t) => {
  const { streams } = foldSessions(START, heard([session.parse(recorded('q1-session-directplay'))]));
  t.same(streams, [
    {
      id: '96d77a157c389b2e6594b9aa462134e1',
      userId: 'fb61a19251dd4d5396820e2f6a1172eb',
      userName: 'viewer',
      client: 'Jellyfin Web',
      device: 'Chrome',
      address: '203.0.113.9',
      title: 'Cap Film (2022)',
      itemId: 'a6b564880fc68e0c65a18e0aa1bdc56f',
      kind: 'video',
      paused: false,
      positionMs: 3213,
      height: 1080,
      transcode: null,
      nominalBps: 8_217_919,
      startedAt: NOW,
      lastCheckInAt: NOW,
      skills: { renegotiates: true, replays: true, shows: true },
    },
  ]);
});

t.test('a recorded transcode under a limit of 2 Mbit/s', async (t) => {
  const { streams } = foldSessions(START, heard([session.parse(recorded('q2-session-limit2M-transcode'))]));
  t.match(streams, [
    { transcode: { bps: 2_127_893, videoDirect: false, audioDirect: true }, height: 720, nominalBps: 8_217_919 },
  ]);
  t.equal(streams[0]?.lastCheckInAt, Date.parse('2026-11-21T04:57:56.933Z'));
});

t.test('four recorded sessions, one of which plays', async (t) => {
  const list = z.array(z.unknown()).parse(answerTo('playback', 'sessions while it transcodes'));
  t.ok(list.length > 1);
  const { streams } = foldSessions(START, heard(readableSessions(list)));
  t.match(
    streams,
    [{ userName: 'viewer', address: '203.0.113.77', transcode: { bps: 3_063_984 } }],
    'TranscodingInfo, though PlayMethod says DirectPlay',
  );
  t.equal(streams.length, 1);
  const paused = foldSessions(START, heard(readableSessions(z.array(z.unknown()).parse(answerTo('playback', 'paused')))));
  t.match(paused.streams, [{ paused: true, positionMs: 10_000 }]);
  const after = foldSessions(START, heard(readableSessions(z.array(z.unknown()).parse(answerTo('playback', 'after the end')))));
  t.same(after.streams, []);
});

t.test('one session that cannot be read does not hide the others', async (t) => {
  const readable = readableSessions([
    { Id: 7 },
    null,
    { Id: 'ok', PlayState: null, NowPlayingItem: null },
    'x',
    { Id: 'x', NowPlayingItem: {} },
  ]);
  t.same(
    readable.map(({ Id }) => Id),
    ['ok'],
  );
});

t.test('two streams of one user stay two', async (t) => {
  const { streams } = foldSessions(START, heard([playing(), playing({ Id: 's2', DeviceName: 'tablet' })]));
  t.same(
    streams.map(({ id, userId }) => [id, userId]),
    [
      ['s1', 'u1'],
      ['s2', 'u1'],
    ],
  );
});

t.test('companions of a session are not streams, nobody is a user', async (t) => {
  const { streams } = foldSessions(
    START,
    heard([playing({ UserId: '00000000000000000000000000000000', AdditionalUsers: [{ UserId: 'u2' }] })]),
  );
  t.equal(streams.length, 1);
  t.equal(streams[0]?.userId, '');
});

t.test('a start is remembered, a seek begins anew', async (t) => {
  const fold = (memory: StreamMemory, session: Session, ms: number) => foldSessions(memory, heard([session], ms));
  let folded = fold(START, at(0), 0);
  t.equal(folded.began.length, 1);
  folded = fold(folded.memory, at(60), 60_000);
  t.equal(folded.streams[0]?.startedAt, NOW, 'time went by');
  t.equal(folded.began.length, 0);
  folded = fold(folded.memory, at(62), 120_000);
  t.equal(folded.streams[0]?.startedAt, NOW, 'a pause or a stall is no seek');
  folded = fold(folded.memory, at(140), 125_000);
  t.equal(folded.streams[0]?.startedAt, NOW + 125_000, 'forward');
  folded = fold(folded.memory, at(20), 126_000);
  t.equal(folded.streams[0]?.startedAt, NOW + 126_000, 'back');
  folded = fold(folded.memory, at(15), 128_000);
  t.equal(folded.streams[0]?.startedAt, NOW + 126_000, 'the few seconds that a switch of quality steps back');
  folded = fold(folded.memory, playing({ NowPlayingItem: { Id: 'next', Name: 'Next' } }), 130_000);
  t.equal(folded.streams[0]?.startedAt, NOW + 130_000, 'the next item');
  t.equal(folded.began.length, 1);
  folded = foldSessions(folded.memory, heard([], 131_000));
  t.equal(folded.memory.size, 0, 'what ended is forgotten');
});

t.test('TranscodingInfo that flickers is kept for 20 s', async (t) => {
  const with2M = playing({ TranscodingInfo: { Bitrate: 2_000_000, IsVideoDirect: false, IsAudioDirect: true } });
  let folded = foldSessions(START, heard([with2M]));
  folded = foldSessions(folded.memory, heard([playing()], 15_000));
  t.match(folded.streams, [{ transcode: { bps: 2_000_000 } }]);
  folded = foldSessions(
    folded.memory,
    heard([playing({ TranscodingInfo: { IsVideoDirect: false, IsAudioDirect: true } })], 18_000),
  );
  t.match(folded.streams, [{ transcode: { bps: 2_000_000 } }], 'present, but without a rate');
  folded = foldSessions(folded.memory, heard([playing()], 39_000));
  t.equal(folded.streams[0]?.transcode, null, 'gone for good: direct play');
  folded = foldSessions(
    foldSessions(START, heard([with2M])).memory,
    heard([playing({ NowPlayingItem: { Id: 'next', Name: 'Next' } })], 1000),
  );
  t.equal(folded.streams[0]?.transcode, null, 'another item is another matter');
});

t.test('the recorded anomaly never jumps to direct play', async (t) => {
  const lines = z.array(z.string()).parse(recorded('q4-playmethod-anomaly-events'));
  const seen = lines.flatMap((line) => {
    const match = /^\[([\d.]+)\] SESS \[(null|"\w+"),(null|\d+),(?:true|false)\] pos ([\d.]+)/.exec(line);
    return match
      ? [
          {
            s: Number(match[1]),
            method: JSON.parse(match[2] ?? 'null'),
            bps: JSON.parse(match[3] ?? 'null'),
            pos: Number(match[4]),
          },
        ]
      : [];
  });
  t.ok(seen.length > 15, 'the recording was read');
  t.ok(seen.some(({ method, bps }) => method === 'DirectPlay' && bps === null));
  let memory = START;
  for (const { s, method, bps, pos } of seen) {
    const info = bps === null ? {} : { TranscodingInfo: { Bitrate: bps, IsVideoDirect: false, IsAudioDirect: true } };
    const state = { PositionTicks: pos * 1e7, MediaSourceId: 'film', PlayMethod: method };
    const folded = foldSessions(memory, heard([playing({ PlayState: state, ...info })], s * 1000));
    memory = folded.memory;
    t.ok(folded.streams[0]?.transcode?.bps, `at ${s} s`);
  }
});

t.test('a transcode that the server has not begun to describe has no rate yet', async (t) => {
  const { streams } = foldSessions(START, heard([playing({ PlayState: { PlayMethod: 'Transcode' } })]));
  t.same(streams[0]?.transcode, { bps: null, videoDirect: false, audioDirect: false });
});

t.test('the source that plays decides the rate, once it is known', async (t) => {
  const source: MediaSource = { Id: 'film', Bitrate: 21_000_000 };
  const tracks = { Id: 'film', MediaStreams: [{ Type: 'Video', Index: 0, BitRate: 8e6 }] };
  const before = foldSessions(START, heard([playing({ NowPlayingItem: tracks })]));
  t.equal(before.streams[0]?.nominalBps, 8_000_000);
  const after = foldSessions(before.memory, heard([playing({ NowPlayingItem: tracks })], 100, { sourceOf: () => source }));
  t.equal(after.streams[0]?.nominalBps, 21_000_000);
});

t.test('what is live, what is audio', async (t) => {
  const kind = (item: Record<string, unknown>, state: Record<string, unknown> = {}) =>
    foldSessions(START, heard([playing({ NowPlayingItem: { Id: 'x', ...item }, PlayState: state })])).streams[0]?.kind;
  t.equal(kind({ Type: 'TvChannel', MediaType: 'Video' }), 'live');
  t.equal(kind({ Type: 'LiveTvChannel', MediaType: 'Video' }), 'live');
  t.equal(kind({ Type: 'Movie', MediaType: 'Video' }, { LiveStreamId: 'abc' }), 'live');
  t.equal(kind({ Type: 'Audio', MediaType: 'Audio' }), 'audio');
  t.equal(kind({ Type: 'Episode', MediaType: 'Video' }), 'video');
  t.equal(kind({ Type: 'AudioBook', MediaType: 'Audio' }), 'audio');
  t.equal(kind({ Type: 'Book', MediaType: 'Book' }), undefined, 'reading is no stream');
});

t.test('check-ins are told by our clock, and "never" is null', async (t) => {
  const checkIn = (date: string, clockOffsetMs: number) =>
    foldSessions(START, heard([playing({ LastPlaybackCheckIn: date })], 0, { clockOffsetMs })).streams[0]?.lastCheckInAt;
  t.equal(checkIn('2026-11-21T04:57:30.0000000Z', 0), NOW - 30_000);
  t.equal(checkIn('2026-11-21T05:57:30.0000000Z', 3_600_000), NOW - 30_000, 'a server whose clock is an hour ahead');
  t.equal(checkIn('2026-11-21T05:57:30.0000000Z', 0), NOW, 'never in our future');
  t.equal(checkIn('0001-01-01T00:00:00.0000000Z', 0), null);
  t.equal(checkIn('nonsense', 0), null);
});

t.test('titles of episodes name their series', async (t) => {
  const { streams } = foldSessions(
    START,
    heard([playing({ NowPlayingItem: { Id: 'e', Name: 'Pilot', SeriesName: 'Test Show' } })]),
  );
  t.equal(streams[0]?.title, 'Test Show - Pilot');
});
