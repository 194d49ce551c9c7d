// Lists on their way to the listener.
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { type MediaSource, type Session, session } from '../../src/jellyfin/jellyfin-schemas.ts';
import type { SourceLookup } from '../../src/jellyfin/source-lookup.ts';
import { createStreamList } from '../../src/jellyfin/stream-list.ts';
import { silentLog } from '../../src/log.ts';
import type { PlayingStream } from '../../src/neighbours/media-server.ts';

const film: Session = session.parse({ Id: 's1', UserId: 'u1', NowPlayingItem: { Id: 'film', Name: 'Film' } });

const listWith = (
  sources: SourceLookup,
  hear: (streams: readonly PlayingStream[]) => void,
  signal = new AbortController().signal,
) =>
  createStreamList({
    sources,
    clockOffsetMs: () => 0,
    hear: { sessions: hear, health: () => {} },
    clock: systemClock,
    log: silentLog,
    signal,
  });

const slowSources = () => {
  const asked: number[] = [];
  const answer = Promise.withResolvers<void>();
  let source: MediaSource | null = null;
  const lookup: SourceLookup = {
    sourceOf: () => source,
    async learn(sessions) {
      asked.push(sessions.length);
      await answer.promise;
      const news = source === null;
      source = { Id: 'film', Bitrate: 9_000_000 };
      return news;
    },
  };
  return { lookup, asked, answer };
};

t.test('told at once, and again when the source is known', async (t) => {
  const { lookup, asked, answer } = slowSources();
  const told: (number | null | undefined)[] = [];
  const list = listWith(lookup, (streams) => void told.push(streams[0]?.nominalBps));
  t.equal(list.take([film]), 1);
  t.same(told, [null], 'without waiting for it');
  t.equal(list.take([film]), 0, 'the same start is no second one');
  answer.resolve();
  await list.settled();
  t.same(told, [null, null, 9_000_000]);
  t.same(asked, [1, 1], 'what came meanwhile was looked at as well');
});

t.test('a listener that throws is not the end', async (t) => {
  const { lookup, answer } = slowSources();
  let calls = 0;
  const list = listWith(lookup, () => {
    calls += 1;
    throw new Error('a fault elsewhere');
  });
  answer.resolve();
  list.take([film]);
  await list.settled();
  list.take([]);
  t.equal(calls, 3);
});

t.test('nothing is told after the end', async (t) => {
  const { lookup, answer } = slowSources();
  const stop = new AbortController();
  const calls: number[] = [];
  const list = listWith(lookup, (streams) => void calls.push(streams.length), stop.signal);
  list.take([film]);
  stop.abort();
  answer.resolve();
  await list.settled();
  t.same(calls, [1]);
});
