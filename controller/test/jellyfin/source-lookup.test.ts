// What is asked about playing items, how often, and what is made of the answers.
import t from 'tap';
import { systemClock } from '../../src/clock.ts';
import { type MediaSource, type Session, session } from '../../src/jellyfin/jellyfin-schemas.ts';
import { createSourceLookup } from '../../src/jellyfin/source-lookup.ts';

const NEVER = new AbortController().signal;
const HOUR = 3600_000;

const playing = (itemId: string, change: Record<string, unknown> = {}): Session =>
  session.parse({
    Id: 's1',
    UserId: 'u1',
    NowPlayingItem: { Id: itemId, Type: 'Movie' },
    PlayState: { MediaSourceId: itemId },
    ...change,
  });

const lookup = (answer: (itemId: string) => readonly MediaSource[]) => {
  const asked: string[] = [];
  let monotonic = 0;
  const clock = { ...systemClock, monotonic: () => monotonic };
  const client = {
    async itemSources(itemId: string, userId: string) {
      asked.push(`${itemId} for ${userId}`);
      return answer(itemId);
    },
  };
  const pass = (ms: number) => {
    monotonic += ms;
  };
  return { sources: createSourceLookup(client, clock), asked, pass };
};

t.test('one question per item, until the file may have been replaced', async (t) => {
  const { sources, asked, pass } = lookup((id) => [{ Id: id, Bitrate: 5_000_000 }]);
  t.equal(sources.sourceOf(playing('film')), null);
  t.equal(await sources.learn([playing('film'), playing('film', { Id: 's2', UserId: 'u2' })], NEVER), true);
  t.equal(await sources.learn([playing('film')], NEVER), false, 'no news');
  t.match(sources.sourceOf(playing('film')), { Bitrate: 5_000_000 });
  t.same(asked, ['film for u1']);
  pass(7 * HOUR);
  await sources.learn([playing('film')], NEVER);
  t.equal(asked.length, 2);
});

t.test('the source that plays, of several versions', async (t) => {
  const { sources } = lookup(() => [
    { Id: '1080p', Bitrate: 8_000_000 },
    { Id: '4k', Bitrate: 40_000_000 },
  ]);
  const at = (MediaSourceId: string | null) => playing('film', { PlayState: { MediaSourceId } });
  await sources.learn([at('4k')], NEVER);
  t.match(sources.sourceOf(at('4k')), { Bitrate: 40_000_000 });
  t.equal(sources.sourceOf(at('gone')), null, 'no guess between two');
  t.equal(sources.sourceOf(at(null)), null);
});

t.test('an item that cannot be read costs two questions, not one per message', async (t) => {
  const { sources, asked, pass } = lookup(() => {
    throw new Error('404');
  });
  for (let i = 0; i < 10; i += 1) t.equal(await sources.learn([playing('film')], NEVER), false);
  t.equal(asked.length, 2);
  pass(HOUR / 4);
  for (let i = 0; i < 10; i += 1) await sources.learn([playing('film')], NEVER);
  t.equal(asked.length, 4, 'and later once more');
});

t.test('channels and nobody are not asked about', async (t) => {
  const { sources, asked } = lookup(() => []);
  await sources.learn(
    [
      playing('channel', { NowPlayingItem: { Id: 'channel', Type: 'TvChannel' } }),
      playing('stream', { PlayState: { LiveStreamId: 'x' } }),
      playing('film', { UserId: '00000000000000000000000000000000' }),
      session.parse({ Id: 'idle' }),
    ],
    NEVER,
  );
  t.same(asked, []);
});

t.test('what is kept is bounded', async (t) => {
  const { sources } = lookup((id) => [{ Id: id, Bitrate: 1 }]);
  for (let i = 0; i < 501; i += 1) await sources.learn([playing(`film-${i}`)], NEVER);
  t.equal(sources.sourceOf(playing('film-0')), null, 'the oldest went');
  t.ok(sources.sourceOf(playing('film-1')));
  t.ok(sources.sourceOf(playing('film-500')));
});

t.test('nothing is asked after the end', async (t) => {
  const { sources, asked } = lookup(() => []);
  await sources.learn([playing('film')], AbortSignal.abort());
  t.same(asked, []);
});
