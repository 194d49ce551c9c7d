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
