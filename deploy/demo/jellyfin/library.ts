// What an item of the simulated server is, and the films and the series that it owns unless others are given. Rates and lengths as of the recorded server, and some longer ones for the demo. Pure.
import { createHash } from 'node:crypto';
import type { MediaSource } from './playback-decision.ts';

export type LibraryItem = {
  readonly id: string;
  readonly name: string;
  readonly type:
    | 'Movie'
    | 'Episode'
    | 'Season'
    | 'Series'
    | 'Video'
    | 'MusicVideo'
    | 'Audio'
    | 'BoxSet'
    | 'CollectionFolder'
    | 'TvChannel';
  readonly parentId: string | null;
  readonly path: string;
  readonly year: number;
  readonly runtimeMs: number;
  /** Episodes have none of their own, whatever their series has: so it is with what scrapers write. */
  readonly genres: readonly string[];
  readonly providerIds: Readonly<Record<string, string>>;
  readonly series: {
    readonly id: string;
    readonly name: string;
    readonly seasonId: string;
    readonly season: number;
    readonly episode: number;
  } | null;
  /** Null for folders, and for what is only known of: virtual and missing episodes. */
  readonly source: MediaSource | null;
  readonly facts?: ItemFacts;
};

/** What an item of an ordinary library has besides; all of it optional, as in the real world. */
export type ItemFacts = {
  readonly tags?: readonly string[];
  readonly studios?: readonly string[];
  readonly rating?: string;
  readonly overview?: string;
  readonly tagline?: string;
  readonly premiereMs?: number;
  readonly community?: number;
  /** Of a season. */
  readonly number?: number;
  /** LocationType Virtual: listed, but there is no file. */
  readonly virtual?: boolean;
  /** A file on this machine whose bytes are streamed. Without it a stream is zeroes. */
  readonly file?: string;
  /** What ffprobe saw in `file`, as MediaStreams; external subtitles come first and move every index. */
  readonly streams?: readonly Readonly<Record<string, unknown>>[];
  readonly sizeBytes?: number;
  readonly image?: string;
  /** Of a BoxSet. */
  readonly childIds?: readonly string[];
  /** Of a film with several files: all of them, the one that is listed first. */
  readonly versionIds?: readonly string[];
  readonly createdMs?: number;
  readonly savedMs?: number;
  /** Of a TV channel. */
  readonly channelNumber?: string;
};

export type LibraryFolder = {
  readonly id: string;
  readonly name: string;
  readonly collectionType: string;
  readonly path: string;
};

export type LibraryChange = {
  readonly added: readonly LibraryItem[];
  readonly removed: readonly LibraryItem[];
  readonly updated: readonly LibraryItem[];
};

export type Library = {
  readonly folders: readonly LibraryFolder[];
  readonly items: readonly LibraryItem[];
  /** Null where there is none, or no more. */
  byId(id: string | null): LibraryItem | null;
  /** Those that there are, in the library's order. */
  byIds(ids: readonly string[]): readonly LibraryItem[];
  /** What lies in it at any depth and is no folder itself. */
  below(id: string): readonly LibraryItem[];
  /** As a scan does that finds something new; what is there already is left alone. Answers with what was added. */
  add(items: readonly LibraryItem[], folders?: readonly LibraryFolder[]): readonly LibraryItem[];
  /** Gone from the list and from every other answer. */
  remove(...ids: readonly string[]): void;
  /** A file that was renamed: another item, in one step. */
  replace(oldId: string, item: LibraryItem): void;
  /** As a scan does that finds something changed: also writes DateLastSaved. Throws where there is no such item. */
  change(id: string, patch: Partial<LibraryItem>): void;
  /** Writes DateLastSaved and DateCreated as they are given. */
  date(id: string, savedMs: number, createdMs: number): void;
  /** Grows at each change. */
  revision(): number;
  onChange(listener: (change: LibraryChange) => void): void;
};

export const idOfPath = (path: string) => createHash('md5').update(path).digest('hex');

export function source(mbps: number, shape: Partial<MediaSource> = {}): MediaSource {
  const audioBps = shape.audioBps ?? 192_016;
  const bitrateBps = Math.round(mbps * 1_000_000);
  const picture = { container: 'mp4', videoCodec: 'h264', audioCodec: 'aac', width: 1920, height: 1080, isRemote: false };
  return { ...picture, ...shape, audioBps, bitrateBps, videoBps: bitrateBps - audioBps - 5_267 };
}

type FilmSeed = {
  readonly name: string;
  readonly year: number;
  readonly tmdb: string;
  readonly minutes: number;
  readonly source: MediaSource;
};

const films: readonly FilmSeed[] = [
  { name: 'Long Film', year: 2020, tmdb: '5555', minutes: 15, source: source(3.075, { width: 1280, height: 720 }) },
  { name: 'Big Test Movie', year: 2020, tmdb: '1234', minutes: 10, source: source(8.286642) },
  { name: 'Cap Film', year: 2022, tmdb: '2022', minutes: 10, source: source(8.22, { audioBps: 128_107 }) },
  {
    name: 'Small Movie',
    year: 2021,
    tmdb: '4321',
    minutes: 5,
    source: source(2.1, { container: 'mkv', width: 1280, height: 720 }),
  },
  { name: 'The Weir', year: 2019, tmdb: '9001', minutes: 118, source: source(12.4) },
  { name: 'Upstream', year: 2023, tmdb: '9002', minutes: 96, source: source(5.6) },
  {
    name: 'Salt and Rain',
    year: 2024,
    tmdb: '9003',
    minutes: 141,
    source: source(38.5, { container: 'mkv', videoCodec: 'hevc', width: 3840, height: 2160 }),
  },
];

function film(seed: FilmSeed, folderId: string): LibraryItem {
  const title = `${seed.name} (${seed.year}) [tmdbid-${seed.tmdb}]`;
  const path = `/media/movies/${title}/${title}.${seed.source.container}`;
  return {
    id: idOfPath(path),
    name: seed.name === 'Long Film' ? title : seed.name,
    type: 'Movie',
    parentId: folderId,
    path,
    year: seed.year,
    runtimeMs: seed.minutes * 60_000,
    genres: seed.name.startsWith('Big') ? ['Drama'] : ['Documentary'],
    providerIds: { Tmdb: seed.tmdb },
    series: null,
    source: seed.source,
  };
}

function show(folderId: string, episodes: number): LibraryItem[] {
  const root = '/media/tv/Test Show (2019) [tmdbid-777]';
  const seriesId = idOfPath(root);
  const seasonId = idOfPath(`${root}/Season 01`);
  const folder = { year: 2019, runtimeMs: 0, genres: ['Drama'], series: null, source: null };
  const series: LibraryItem = {
    ...folder,
    id: seriesId,
    name: 'Test Show',
    type: 'Series',
    parentId: folderId,
    path: root,
    providerIds: { Tmdb: '777' },
  };
  const season: LibraryItem = {
    ...folder,
    id: seasonId,
    name: 'Season 1',
    type: 'Season',
    parentId: seriesId,
    path: `${root}/Season 01`,
    providerIds: {},
  };
  const list = Array.from({ length: episodes }, (_, index): LibraryItem => {
    const path = `${root}/Season 01/Test Show S01E0${index + 1}.mkv`;
    const place = { id: seriesId, name: 'Test Show', seasonId, season: 1, episode: index + 1 };
    const rates = source(4.2, { container: 'mkv', width: 1280, height: 720 });
    return {
      ...folder,
      id: idOfPath(path),
      name: `Episode ${index + 1} title`,
      type: 'Episode',
      parentId: seasonId,
      path,
      runtimeMs: 24 * 60_000,
      providerIds: { Tmdb: `777${index + 1}` },
      series: place,
      source: rates,
    };
  });
  return [series, season, ...list];
}

/** The same ids at every start, so that what a controller remembers stays true. */
export function ordinaryItems(): { readonly folders: readonly LibraryFolder[]; readonly items: readonly LibraryItem[] } {
  const folders = [
    { id: idOfPath('Shows'), name: 'Shows', collectionType: 'tvshows', path: '/media/tv' },
    { id: idOfPath('Films'), name: 'Films', collectionType: 'movies', path: '/media/movies' },
  ];
  return { folders, items: [...show(idOfPath('Shows'), 3), ...films.map((seed) => film(seed, idOfPath('Films')))] };
}
