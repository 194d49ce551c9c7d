// Rows 174, 180: a media server that limits nobody at our wish, or all with one limit, beside one that limits each user.
import t from 'tap';
import { watchStreams } from '../../src/bandwidth/watched-streams.ts';
import type { PlayingStream } from '../../src/neighbours/media-server.ts';
import { M, playing, viewer, watched } from './fixtures/decision-input.ts';
import { capsOf, decisions, torrentsOf } from './fixtures/decisions.ts';

/** A stream of `cinema` as its watch hands it on. */
function atCinema(change: Partial<PlayingStream>, limits = false) {
  const stream = playing(limits ? 'everyone' : 'cleo', { address: null, saidPlace: 'remote', ...change });
  const ranges = { home: [], vpn: [], testExternal: null };
  const heard = { server: 'cinema', onUplink: true, pauseGraceMs: 60_000, limits, rules: null, steadyAt: 0, utcAt: 0 };
  return watchStreams({ ...heard, streams: [stream] }, ranges, new Map()).streams;
}

t.test('who watches at a server that limits nobody gets no cap; other viewers and torrents give way', async (t) => {
  const decide = decisions();
  t.same(capsOf(decide()), { anna: 32.5 * M, ben: 32.5 * M });
  const decision = decide({ at: 1, streams: [watched('anna', 8 * M), ...atCinema({ reservedBps: 12 * M })] });
  t.same(capsOf(decision), { anna: 20.5 * M, ben: 12.5 * M });
  t.equal(torrentsOf(decision)['qbit/normal'], 13 * M);
  t.equal(decision.runningBps, 20 * M);
  t.match(decision.reason, /^2 remote streams at main and cinema draw 20\.0 Mbit\/s \(12\.0 Mbit\/s of it as Plex reserves\): /);
  t.match(decision.reason, /Torrents are kept to 13\.0 Mbit\/s\./);
});

t.test('what comes through the maker’s relay, and what is fetched for later, takes its part as well', async (t) => {
  for (const change of [{ saidPlace: 'relayed', address: '192.168.1.2' }, { kind: 'download' }, { kind: 'live' }] as const) {
    const decision = decisions()({ streams: atCinema({ reservedBps: 12 * M, ...change }) });
    t.equal(decision.counted, 1, JSON.stringify(change));
    t.same(capsOf(decision), { anna: 20.5 * M, ben: 20.5 * M });
  }
  t.equal(decisions()({ streams: atCinema({ saidPlace: 'local' }) }).counted, 0);
});

t.test('a server with one limit for all: the one who stands for everybody carries what each stream may take', async (t) => {
  const everyone = viewer('everyone', { key: 'cinema/everyone', server: 'cinema' });
  const viewers = [viewer('anna'), everyone];
  const decide = decisions({ algorithm: 'equal' });
  t.equal(capsOf(decide({ viewers }))['everyone'], 32.5 * M, 'what a stream that starts now could have');
  const two = [...atCinema({ id: '1', reservedBps: 12 * M }, true), ...atCinema({ id: '2', reservedBps: 4 * M }, true)];
  const decision = decide({ at: 1, viewers, streams: [...two, watched('anna', 8 * M)] });
  const cap = capsOf(decision)['everyone'] ?? Number.NaN;
  t.match(decision.viewers[1], { streams: 2, why: 'share' });
  t.ok(cap >= 10 * M && cap <= 12 * M, `${cap}: three streams, each alike`);
  t.ok(2 * cap + (capsOf(decision)['anna'] ?? Number.NaN) <= 32.5 * M);
});
