// The channels feature of a large home, for benches: 20,000 items in two libraries, a real database, and the bodies of a hundred different channels.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogueItem } from '../../controller/src/channels/catalogue-item.ts';
import type { createBody } from '../../controller/src/channels/channels-api.ts';
import { body, bothLibraries, episodes, film, MINUTE, openChannels } from '../../controller/test/channels/open-channels.ts';

const FILMS = 5_000;
const SERIES = 300;
const EPISODES = 50;
const GENRES = ['Action', 'Comedy', 'Crime', 'Documentary', 'Drama', 'Fantasy', 'Horror', 'Mystery', 'Romance', 'Thriller'];
const OVERVIEW = 'Someone finds out that nothing in this town is what it seems & “everything” has a price. '.repeat(4);

/** 5,000 films of 80 to 140 minutes, 300 series of 50 episodes of 22 to 55 minutes. */
function largeLibrary(): CatalogueItem[] {
  const genre = (n: number): string => GENRES[n % GENRES.length] ?? '';
  const shown = (id: string, n: number) => ({
    ...{ overview: OVERVIEW, year: 1960 + (n % 65), rating: 'PG-13', ratingScore: 13, communityRating: 5 + (n % 50) / 10 },
    image: { itemId: id, tag: `tag-${n}` },
  });
  const films = Array.from({ length: FILMS }, (_, n) =>
    film(`f${n}`, { genres: [genre(n), genre(n * 7 + 3)], durationMs: (80 + ((n * 37) % 60)) * MINUTE, ...shown(`f${n}`, n) }),
  );
  const shows = Array.from({ length: SERIES }, (_, n) =>
    episodes(`s${n}`, EPISODES, {
      genres: [genre(n), genre(n * 3 + 1)],
      durationMs: (22 + ((n * 11) % 34)) * MINUTE,
      ...shown(`s${n}`, n),
    }),
  );
  return [...films, ...shows.flat()];
}

/** Every fifth plays all that there is, the others by one or two genres; each a little otherwise. */
export function channelBody(n: number): ReturnType<typeof createBody.parse> {
  const named = [GENRES[n % GENRES.length], GENRES[(n * 3 + 1) % GENRES.length]].slice(0, 1 + (n % 2));
  return body({
    name: `Channel ${n} & more`,
    seed: n,
    libraries: n % 3 === 0 ? bothLibraries.slice(0, 1) : n % 3 === 1 ? bothLibraries : bothLibraries.slice(1),
    genre_filters: n % 5 === 0 ? [] : named.map((genre) => ({ genre })),
    rules: {
      block: 1 + (n % 3),
      ...(n % 4 === 0 && {
        slots: [{ days: [], start: '20:15', end: '23:00', choice: { kinds: n % 3 === 2 ? ['episode'] : ['movie'] } }],
      }),
      filler: { kind: n % 2 === 0 ? 'card' : 'next_show', pad_to_minutes: n % 2 === 0 ? 15 : 0 },
    },
  });
}

export type ChannelHome = Awaited<ReturnType<typeof openChannels>>;

/** Its libraries are read already, as they are on every day but the first. */
export async function openChannelHome(items = largeLibrary()): Promise<ChannelHome & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  const home = await openChannels({ testdir: () => folder }, { items, folder });
  const shelves = [...new Set(items.map(({ libraryId }) => libraryId))].map((id) => ({ server: 'main', id }));
  await home.catalogue.ensure(shelves, Number.POSITIVE_INFINITY);
  const stop = new AbortController();
  const running = home.channels.run(stop.signal);
  return {
    ...home,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await home.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** By hand, and nothing is planned. */
export const unplannedBody = (n: number): ReturnType<typeof createBody.parse> =>
  body({ name: `Channel ${n}`, schedule_type: 'manual', rules: { filler: { kind: 'next_show' } } });
