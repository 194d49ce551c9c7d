// From what Plex lists to streams: who is remote, what is reserved, what counts as paused, and every field that may be missing.
import t from 'tap';
import type { PlayingStream } from '../../src/neighbours/media-server.ts';
import { foldSessions, type StreamMemory, saidPlace } from '../../src/plex/playing-streams.ts';
import { readableSessions, sessionsAnswer } from '../../src/plex/plex-schemas.ts';

const FILM = {
  sessionKey: '23',
  ratingKey: '118',
  type: 'movie',
  title: 'Film',
  viewOffset: 60_000,
  Media: [{ bitrate: 8000, height: 1080, videoResolution: '1080', selected: true }],
  User: { id: '1', title: 'anna', thumb: 'https://plex.tv/users/1/avatar?X-Plex-Token=secret' },
  Player: {
    address: '203.0.113.7',
    remotePublicAddress: '203.0.113.7',
    local: false,
    relayed: false,
    state: 'playing',
    product: 'Plex Web',
    title: 'Chrome',
    device: 'Windows',
  },
  Session: { id: 'abc', bandwidth: 14_000, location: 'wan' },
};

const fold = (entry: unknown, memory: StreamMemory = new Map(), monotonic = 0, everybody: string | null = null) =>
  foldSessions(memory, { sessions: readableSessions([entry]), at: 1_000_000 + monotonic, monotonic }, everybody);
const one = (entry: unknown): PlayingStream | undefined => fold(entry).streams[0];

t.test('a stream with everything that is told', async (t) => {
  t.same(one(FILM), {
    id: '23',
    userId: '1',
    userName: 'anna',
    client: 'Plex Web',
    device: 'Chrome',
    address: '203.0.113.7',
    saidPlace: 'remote',
    title: 'Film',
    kind: 'video',
    paused: false,
    positionMs: 60_000,
    height: 1080,
    transcode: null,
    nominalBps: 8_000_000,
    reservedBps: 14_000_000,
    startedAt: 1_000_000,
    lastCheckInAt: null,
  });
  t.notMatch(JSON.stringify(readableSessions([FILM])), /secret/, 'the token of an avatar is not even read');
});

t.test('location decides, Player.local only without it, both absent is remote', async (t) => {
  const cases: readonly (readonly [unknown, unknown, unknown, string])[] = [
    ['lan', false, false, 'local'],
    ['LAN', undefined, undefined, 'local'],
    ['wan', true, false, 'remote'],
    ['cellular', true, undefined, 'remote'],
    ['something new', true, undefined, 'remote'],
    ['', true, undefined, 'local'],
    [undefined, true, undefined, 'local'],
    [undefined, '1', undefined, 'local'],
    [undefined, 1, undefined, 'local'],
    [undefined, 'true', undefined, 'local'],
    [undefined, false, undefined, 'remote'],
    [undefined, '0', undefined, 'remote'],
    [undefined, 'perhaps', undefined, 'remote'],
    [undefined, undefined, undefined, 'remote'],
    ['lan', true, true, 'relayed'],
    [undefined, undefined, '1', 'relayed'],
  ];
  for (const [location, local, relayed, said] of cases) {
    const [session] = readableSessions([{ sessionKey: '1', Player: { local, relayed }, Session: { location } }]);
    t.equal(session && saidPlace(session), said, JSON.stringify({ location, local, relayed }));
  }
  t.match(one({ sessionKey: '1' }), { saidPlace: 'remote', paused: false }, 'neither Player nor Session');
});

t.test('only a state that is known not to play is paused', async (t) => {
  const cases: readonly (readonly [unknown, boolean])[] = [
    ['playing', false],
    ['paused', true],
    ['Buffering', true],
    ['stopped', true],
    ['error', false],
    [undefined, false],
    [7, false],
  ];
  for (const [state, paused] of cases)
    t.equal(one({ ...FILM, Player: { ...FILM.Player, state } })?.paused, paused, String(state));
});

t.test('what is reserved, and what it falls back to', async (t) => {
  const bandwidth = (kbps: unknown, relayed = false) =>
    one({ ...FILM, Player: { ...FILM.Player, relayed }, Session: { location: 'wan', bandwidth: kbps } });
  t.match(bandwidth('14000'), { reservedBps: 14_000_000 }, 'as text');
  t.match(bandwidth(10_000_000), { reservedBps: 10_000_000_000, nominalBps: 8_000_000, height: 1080 }, 'a trailer, as told');
  t.match(bandwidth(10_000_000, true), { reservedBps: 8_000_000, saidPlace: 'relayed' }, 'no relay lets that through');
  t.match(bandwidth(2000, true), { reservedBps: 2_000_000 });
  for (const odd of [0, -5, 'much', null, undefined, {}]) t.equal(bandwidth(odd)?.reservedBps, null, JSON.stringify(odd));
  const media = (...list: unknown[]) => one({ ...FILM, Media: list });
  t.match(media({ bitrate: 1 }, { bitrate: '3000', videoResolution: '4k', selected: '1' }), {
    nominalBps: 3_000_000,
    height: 2160,
  });
  t.match(media({ videoResolution: '720p' }), { nominalBps: null, height: 720 });
  t.match(media({ videoResolution: 'sd' }), { height: 480 });
  t.match(media(), { nominalBps: null, height: null });
  t.match(one({ ...FILM, Media: { bitrate: 5000 } }), { nominalBps: 5_000_000 }, 'one thing instead of a list');
});

t.test('transcodes and kinds', async (t) => {
  const transcode = (fields: object) => one({ ...FILM, TranscodeSession: fields });
  t.match(transcode({ videoDecision: 'transcode', audioDecision: 'copy' }), {
    transcode: { bps: 8_000_000, videoDirect: false, audioDirect: true },
  });
  t.match(transcode({ videoDecision: 'copy', audioDecision: 'copy' }), { transcode: { videoDirect: true, audioDirect: true } });
  t.match(transcode({ audioDecision: 'directplay' }), { transcode: { videoDirect: true, audioDirect: true } }, 'no picture');
  t.match(transcode({}), { transcode: { videoDirect: false, audioDirect: false } }, 'in doubt converted');
  t.match(transcode({ context: 'static', videoDecision: 'transcode' }), { kind: 'download' });
  const kinds: readonly (readonly [object, string])[] = [
    [{ type: 'episode', grandparentTitle: 'Series' }, 'video'],
    [{ type: 'track' }, 'audio'],
    [{ type: 'photo' }, 'photo'],
    [{ type: 'clip' }, 'video'],
    [{ type: 'clip', live: '1' }, 'live'],
    [{ type: 'movie', live: true }, 'live'],
    [{ type: undefined }, 'video'],
  ];
  for (const [fields, kind] of kinds) t.equal(one({ ...FILM, ...fields })?.kind, kind, JSON.stringify(fields));
  t.equal(one({ ...FILM, grandparentTitle: 'Series', title: 'Pilot' })?.title, 'Series - Pilot');
});

t.test('addresses are bare', async (t) => {
  const at = (address: unknown, remotePublicAddress?: unknown) =>
    one({ ...FILM, Player: { address, remotePublicAddress } })?.address;
  t.equal(at('::ffff:198.51.100.4'), '198.51.100.4');
  t.equal(at('[2001:db8::1]:443'), '2001:db8::1');
  t.equal(at(undefined, '203.0.113.9'), '203.0.113.9');
  t.equal(at('unknown', 'nowhere'), null);
});

t.test('it begins when first seen, with another item, or sought; one stands for all where he is wanted', async (t) => {
  const first = fold(FILM);
  t.same(first.began, ['23']);
  const later = fold({ ...FILM, viewOffset: 65_000 }, first.memory, 10_000);
  t.same([later.began, later.streams[0]?.startedAt], [[], 1_000_000]);
  t.equal(fold({ ...FILM, viewOffset: 600_000 }, later.memory, 20_000).streams[0]?.startedAt, 1_020_000, 'forward');
  t.equal(fold({ ...FILM, viewOffset: 0 }, later.memory, 20_000).streams[0]?.startedAt, 1_020_000, 'back');
  t.equal(fold({ ...FILM, ratingKey: '119', viewOffset: 65_000 }, later.memory, 20_000).streams[0]?.startedAt, 1_020_000);
  t.match(fold(FILM, new Map(), 0, 'everyone').streams[0], { userId: 'everyone', userName: 'anna' });
});

t.test('a list that is absent, single, or partly odd', async (t) => {
  const list = (container: object) =>
    readableSessions(sessionsAnswer.parse({ MediaContainer: container }).MediaContainer.Metadata).map(({ key }) => key);
  t.same(list({ size: 0 }), []);
  t.same(list({ size: '1', Metadata: FILM }), ['23']);
  t.same(list({ size: 4, Metadata: [null, { title: 'no key' }, 7, { Session: { id: 'abc' } }, { sessionKey: 5 }] }), [
    'abc',
    '5',
  ]);
  t.same(
    list({
      size: 2,
      Metadata: [
        { ratingKey: 7, Player: { machineIdentifier: 'box', local: '0' } },
        { ratingKey: 7, Media: {} },
      ],
    }),
    ['box', '#7'],
    'without any key of a session it counts all the same',
  );
  t.same(list({ size: 1, Metadata: [{ ...FILM, Player: 'odd', User: [FILM.User], Media: 7, viewOffset: {} }] }), ['23']);
  t.notOk(sessionsAnswer.safeParse({}).success);
});
