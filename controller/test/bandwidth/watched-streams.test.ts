// Rows 3, 13: which streams count. And the two clocks.
import t from 'tap';
import { parseRanges } from '../../src/bandwidth/address-range.ts';
import { type HeardSessions, type SaidTimes, watchStreams } from '../../src/bandwidth/watched-streams.ts';
import type { PlayingStream } from '../../src/neighbours/media-server.ts';
import { playing } from './fixtures/decision-input.ts';

const RANGES = { home: parseRanges(['192.168.0.0/16']), vpn: [], testExternal: null };
const UTC = 1_800_000_000_000;
const hear = (streams: readonly PlayingStream[], change: Partial<HeardSessions> = {}, before: SaidTimes = new Map()) =>
  watchStreams(
    {
      server: 'main',
      onUplink: true,
      pauseGraceMs: 0,
      limits: true,
      streams,
      rules: null,
      steadyAt: 500_000,
      utcAt: UTC,
      ...change,
    },
    RANGES,
    before,
  );

t.test('rows 3, 13: outside, playing, on this uplink and alive: only that counts', async (t) => {
  for (const [what, stream, onUplink, counts] of [
    ['remote', playing('anna'), true, true],
    ['remote by IPv6', playing('anna', { address: '2001:db8::1' }), true, true],
    ['at home', playing('anna', { address: '192.168.1.4' }), true, false],
    ['paused', playing('anna', { paused: true }), true, false],
    ['without an address', playing('anna', { address: null }), true, false],
    ['at a server elsewhere (ruling 3)', playing('anna'), false, false],
  ] as const)
    t.equal(hear([stream], { onUplink }).streams[0]?.counts, counts, what);
});

t.test('two streams of one user count twice, under one viewer; the same id at two servers is two viewers', async (t) => {
  const { streams } = hear([playing('anna'), playing('anna', { id: 'second' })]);
  t.same(
    streams.map(({ key, viewer }) => [key, viewer]),
    [
      ['main/anna-1', 'main/anna'],
      ['main/second', 'main/anna'],
    ],
  );
  t.equal(hear([playing('anna')], { server: 'other' }).streams[0]?.viewer, 'other/anna');
});

t.test('a viewer that was cut off stops counting when its player has been silent for two minutes', async (t) => {
  const stream = playing('anna', { lastCheckInAt: UTC - 3_600_000 });
  const first = hear([stream]);
  t.equal(first.streams[0]?.cutOff, false, 'an old report of a server with another clock is no proof');
  const later = hear([{ ...stream, positionMs: 5 }], { steadyAt: 620_000 }, first.said);
  t.equal(later.streams[0]?.counts, true);
  const gone = hear([stream], { steadyAt: 620_001 }, later.said);
  t.match(gone.streams[0], { cutOff: true, counts: false });
  const back = hear([{ ...stream, lastCheckInAt: UTC }], { steadyAt: 630_000 }, gone.said);
  t.match(back.streams[0], { cutOff: false, counts: true });
  t.equal(
    hear([playing('anna', { lastCheckInAt: null })], { steadyAt: 9e9 }, first.said).streams[0]?.cutOff,
    false,
    'a player that never reports is not cut off',
  );
});

t.test("a start keeps its place on the steady clock when the machine's clock is set", async (t) => {
  const stream = playing('anna', { startedAt: UTC - 2_000 });
  const first = hear([stream]);
  t.equal(first.streams[0]?.startedAt, 498_000);
  for (const [what, utcAt] of [
    ['an hour on', UTC + 3_600_000],
    ['an hour back', UTC - 3_600_000],
    ['a little apart', UTC + 1_000.7],
  ] as const)
    t.equal(hear([stream], { steadyAt: 501_000, utcAt }, first.said).streams[0]?.startedAt, 498_000, what);
  const sought = hear([{ ...stream, startedAt: UTC + 5_000 }], { steadyAt: 506_000, utcAt: UTC + 6_000 }, first.said);
  t.equal(sought.streams[0]?.startedAt, 505_000, 'a seek is a new one');
  t.equal(hear([playing('anna', { startedAt: UTC + 60_000 })]).streams[0]?.startedAt, 500_000, 'never in the future');
});

t.test('what is remembered is of the streams that play', async (t) => {
  const first = hear([playing('anna'), playing('ben')]);
  t.equal(hear([playing('ben')], {}, first.said).said.size, 1);
});

t.test(
  'row 176: a paused stream counts for the grace of its server, then not; what fills its buffer is paused too',
  async (t) => {
    const at = (seconds: number, paused: boolean, before?: SaidTimes, pauseGraceMs = 60_000) =>
      hear([playing('anna', { paused })], { steadyAt: 500_000 + seconds * 1_000, pauseGraceMs }, before);
    const plays = at(0, false);
    const paused = at(10, true, plays.said);
    t.equal(paused.streams[0]?.counts, true);
    const kept = at(69.9, true, paused.said);
    t.match(kept.streams[0], { counts: true, draws: true });
    const rests = at(70, true, kept.said);
    t.match(rests.streams[0], { counts: false, draws: true }, 'its player may still fill its buffer');
    const lingers = at(129.9, true, rests.said);
    t.equal(lingers.streams[0]?.draws, true);
    t.match(at(130, true, lingers.said).streams[0], { counts: false, draws: false });
    t.match(at(75, false, rests.said).streams[0], { counts: true, draws: true }, 'it plays on');
    const resumed = at(60, false, kept.said);
    t.equal(resumed.streams[0]?.counts, true);
    const again = at(65, true, resumed.said);
    t.equal(at(124, true, again.said).streams[0]?.counts, true, 'each pause has its own grace');
    t.equal(at(125, true, again.said).streams[0]?.counts, false);
    t.equal(at(10, true, plays.said, 0).streams[0]?.counts, false, 'without a grace it rests at once');
  },
);

t.test('a stream that was paused when it was first seen has the grace too, and one that left the list begins anew', async (t) => {
  const paused = [playing('anna', { paused: true })];
  const first = hear(paused, { pauseGraceMs: 60_000 });
  t.equal(first.streams[0]?.counts, true);
  const rests = hear(paused, { pauseGraceMs: 60_000, steadyAt: 560_000 }, first.said);
  t.equal(rests.streams[0]?.counts, false);
  const gone = hear([], { pauseGraceMs: 60_000, steadyAt: 570_000 }, rests.said);
  t.equal(hear(paused, { pauseGraceMs: 60_000, steadyAt: 580_000 }, gone.said).streams[0]?.counts, true);
});

t.test('who rests draws nothing at home or elsewhere either', async (t) => {
  for (const [what, stream, change] of [
    ['at home', playing('anna', { address: '192.168.1.4' }), {}],
    ['at a server elsewhere', playing('anna'), { onUplink: false }],
  ] as const)
    t.match(hear([stream], change).streams[0], { counts: false, draws: false }, what);
});

t.test('what the server says of the place is heard, and nobody is capped where it limits nobody', async (t) => {
  const said = [playing('anna', { saidPlace: 'local' }), playing('ben', { saidPlace: 'relayed', address: '192.168.1.4' })];
  t.match(hear(said, { limits: false }).streams, [
    { counts: false, location: { place: 'home', capped: false } },
    { counts: true, location: { place: 'remote', capped: false } },
  ]);
  t.match(hear(said).streams[1], { counts: true, location: { capped: true } });
});
