// The channels service on a real database, with libraries that the test fills and a clock that it moves.
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Test } from 'tap';
import { createCatalogue, type ReadLibrary } from '../../src/channels/catalogue.ts';
import { createCatalogueFiles } from '../../src/channels/catalogue-files.ts';
import type { CatalogueItem } from '../../src/channels/catalogue-item.ts';
import type { ChannelEvent, ChannelsDeps } from '../../src/channels/channels.ts';
import { createBody } from '../../src/channels/channels-api.ts';
import { createChannels } from '../../src/channels/channels-service.ts';
import { type AllChannelTables, openChannelStores } from '../../src/channels/open-channel-stores.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { ControllerError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { createFakeClock, type FakeClock } from '../fixtures/fake-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** The fake clock's beginning. */
export const START = Date.UTC(2026, 10, 21, 6);

const plain: CatalogueItem = {
  server: 'main',
  id: '',
  libraryId: 'films',
  kind: 'movie',
  title: '',
  series: null,
  season: null,
  episode: null,
  durationMs: 90 * MINUTE,
  genres: [],
  tags: [],
  studios: [],
  year: 1999,
  rating: null,
  ratingScore: null,
  overview: null,
  communityRating: null,
  image: null,
  path: null,
};

export const film = (id: string, more: Partial<CatalogueItem> = {}): CatalogueItem => ({
  ...plain,
  id,
  title: `Film ${id}`,
  path: `/films/${id}.mkv`,
  ...more,
});

export const episodes = (series: string, count: number, more: Partial<CatalogueItem> = {}): CatalogueItem[] =>
  Array.from({ length: count }, (_, i) => ({
    ...plain,
    id: `${series}-${i + 1}`,
    libraryId: 'shows',
    kind: 'episode' as const,
    title: `Part ${i + 1}`,
    series: { id: series, title: `Series ${series}` },
    season: 1 + Math.floor(i / 10),
    episode: 1 + (i % 10),
    durationMs: 45 * MINUTE,
    genres: ['Drama'],
    ...more,
  }));

/** 20 films, half of them Horror, half Comedy, and two series of 30 parts. */
export const usual = (): CatalogueItem[] => [
  ...Array.from({ length: 20 }, (_, i) =>
    film(`f${i}`, { genres: [i % 2 === 0 ? 'Horror' : 'Comedy'], durationMs: (80 + i) * MINUTE }),
  ),
  ...episodes('a', 30),
  ...episodes('b', 30, { genres: ['Horror'] }),
];

/** A library per `libraryId`, as a Jellyfin would page it. `down` makes it unreachable. */
export function testLibraries(items = usual()) {
  const state = { items, down: false, readings: 0 };
  const read: ReadLibrary = async function* (server, id) {
    state.readings += 1;
    if (state.down) throw new ControllerError('upstream_unreachable', `Jellyfin "${server}": connection refused`);
    const own = state.items.filter((item) => item.server === server && item.libraryId === id);
    for (let i = 0; i < own.length; i += 500) yield own.slice(i, i + 500);
  };
  return { state, read };
}

type Options = {
  readonly clock?: FakeClock;
  readonly items?: CatalogueItem[];
  readonly folder?: string;
  readonly url?: string;
  readonly probeItem?: ChannelsDeps['media']['probeItem'];
  readonly scheduler?: boolean;
  readonly servers?: readonly string[];
  readonly hasClips?: boolean;
  readonly timeZone?: string;
  readonly libraries?: ReturnType<typeof testLibraries>;
};

export async function openChannels(t: Pick<Test, 'testdir'>, options: Options = {}) {
  const { clock = createFakeClock(START), folder = t.testdir(), servers = ['main'] } = options;
  const libraries = options.libraries ?? testLibraries(options.items);
  const place = { path: join(folder, 'db'), ...(options.url === undefined ? {} : { url: options.url }) };
  const database = await openDatabase({ ...place, clock, log: silentLog, migrations });
  const db: Kysely<AllChannelTables> = database.tables<AllChannelTables>();
  const stopping = new AbortController();
  const events: ChannelEvent[] = [];
  const stores = await openChannelStores(db);
  const catalogue = createCatalogue({
    readLibrary: libraries.read,
    files: createCatalogueFiles(join(folder, 'catalogue')),
    clock,
    log: silentLog,
    signal: stopping.signal,
  });
  const channels = createChannels({
    stores,
    catalogue,
    media: {
      sourceOf: ({ server, id, path }) => ({ path, http: { url: `http://${server}/Items/${id}/Download`, headers: {} } }),
      agreeOnCopy: (_, media) => media.every((one) => one !== null),
      probeItem: options.probeItem ?? (async () => ({ ok: true, problem: null, media: null, gainDb: 0 })),
    },
    home: {
      timeZone: options.timeZone ?? 'Europe/Berlin',
      scheduler: options.scheduler ?? true,
      servers,
      hasClips: options.hasClips ?? false,
    },
    clock,
    log: silentLog,
    tell: (event) => events.push(event),
  });
  const close = async (): Promise<void> => {
    stopping.abort();
    await database[Symbol.asyncDispose]();
  };
  const tables = database.tables;
  const opened = { channels, clock, db, tables, stores, catalogue, libraries, events, folder, close };
  return { ...opened, [Symbol.asyncDispose]: close };
}

/** Rows of a minute each, half of them before now. */
export async function addMinutes(db: Kysely<AllChannelTables>, channelId: number, rows: number, nowMs: number): Promise<void> {
  const fromMs = nowMs - (rows / 2) * MINUTE;
  await sql`
    WITH RECURSIVE minute(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM minute WHERE n < ${rows - 1})
    INSERT INTO schedule_entries (id, channel_id, start_ms, end_ms, kind, origin, title, from_ms, genres, fixed)
    SELECT 'row-' || n, ${channelId}, ${fromMs} + n * ${MINUTE}, ${fromMs} + (n + 1) * ${MINUTE},
      'programme', 'auto', 'Minute ' || n, 0, '[]', 0
    FROM minute`.execute(db);
}

const films = { library_id: 'films', library_name: 'Films', collection_type: 'movies' };
const shows = { library_id: 'shows', library_name: 'Shows', collection_type: 'tvshows' };
export const bothLibraries = [films, shows];

/** A body as it comes through the door. */
export const body = (more: Record<string, unknown> = {}) =>
  createBody.parse({ name: 'One', libraries: bothLibraries, seed: 7, ...more });
