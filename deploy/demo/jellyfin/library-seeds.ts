// Libraries as a test writes them down, made into items. Pure.
import { idOfPath, type LibraryFolder, type LibraryItem, source } from './library.ts';
import type { MediaSource } from './playback-decision.ts';

export type ExternalSubtitle = { readonly file: string; readonly language?: string; readonly forced?: boolean };

type Described = {
  readonly name: string;
  readonly year?: number;
  readonly genres?: readonly string[];
  readonly tags?: readonly string[];
  readonly studios?: readonly string[];
  /** OfficialRating: `PG-13`, `FSK-12`. */
  readonly rating?: string;
  readonly overview?: string;
  readonly tagline?: string;
  readonly providerIds?: Readonly<Record<string, string>>;
  readonly community?: number;
  readonly premiereMs?: number;
  /** DateLastSaved and DateCreated; default the start of the simulator. */
  readonly savedMs?: number;
  /** A local picture file, served as Primary. */
  readonly image?: string;
};

export type PlayableSeed = Described & {
  /** A local media file: its bytes are streamed, its streams are told as ffprobe sees them. */
  readonly file?: string;
  /** RunTimeTicks; default what ffprobe says of `file`, else 90 min for films and 24 for episodes. May differ from the file, as it does in the real world. */
  readonly runtimeMs?: number;
  /** Known of, but no file: LocationType Virtual. A missing episode is one. */
  readonly virtual?: boolean;
  /** Beside the file. In the real server they take the first indices, so that Index is not ffmpeg's. */
  readonly externalSubtitles?: readonly ExternalSubtitle[];
  /** What the server believes of the media where there is no `file`. */
  readonly media?: Partial<MediaSource>;
};

export type FilmSeed = PlayableSeed & {
  /** Name of a BoxSet in Collections. */
  readonly collection?: string;
  /** Files beside the first one, by what their names end in: `['4K']`. Only the first is listed. */
  readonly versions?: readonly string[];
  /** Default `Movie`. */
  readonly kind?: 'Movie' | 'Video' | 'MusicVideo' | 'Audio';
};
export type EpisodeSeed = PlayableSeed & { readonly number?: number };
export type SeasonSeed = { readonly number: number; readonly name?: string; readonly episodes: readonly EpisodeSeed[] };
export type SeriesSeed = Described & { readonly seasons: readonly SeasonSeed[] };

export type LibrarySeed = {
  readonly name: string;
  readonly films?: readonly FilmSeed[];
  readonly series?: readonly SeriesSeed[];
};

export type Seeded = {
  readonly folders: readonly LibraryFolder[];
  readonly items: readonly LibraryItem[];
  /** Item id to the seed's media, for what has a real file. */
  readonly real: ReadonlyMap<string, PlayableSeed>;
};

type Making = {
  readonly items: LibraryItem[];
  readonly real: Map<string, PlayableSeed>;
  readonly collections: Map<string, string[]>;
  readonly startedMs: number;
};

/** The parts that every kind of item has. */
function described(seed: Described & Partial<PlayableSeed>, startedMs: number) {
  const { tags, studios, rating, overview, tagline, premiereMs, community, image, virtual, file } = seed;
  const given = { tags, studios, rating, overview, tagline, premiereMs, community, image, virtual, file };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    name: seed.name,
    year: seed.year ?? 2000,
    genres: seed.genres ?? [],
    providerIds: seed.providerIds ?? {},
    facts: { createdMs: seed.savedMs ?? startedMs, savedMs: seed.savedMs ?? startedMs, ...present },
  };
}

function playable(
  seed: PlayableSeed,
  place: Pick<LibraryItem, 'type' | 'parentId' | 'series'>,
  at: string,
  making: Making,
): void {
  const container = seed.media?.container ?? /\.(\w+)$/.exec(seed.file ?? '')?.[1] ?? 'mkv';
  const path = `${at}.${container}`;
  const id = idOfPath(path);
  const media = source((seed.media?.bitrateBps ?? 4_000_000) / 1_000_000, { ...seed.media, container });
  making.items.push({
    ...described(seed, making.startedMs),
    ...place,
    id,
    path: seed.virtual ? '' : path,
    runtimeMs: seed.runtimeMs ?? (place.type === 'Movie' ? 90 : 24) * 60_000,
    source: seed.virtual ? null : media,
  });
  if (seed.file !== undefined && !seed.virtual) making.real.set(id, seed);
}

function addSeries(seed: SeriesSeed, folder: LibraryFolder, making: Making): void {
  const root = `${folder.path}/${seed.name} (${seed.year ?? 2000})`;
  const seriesId = idOfPath(root);
  const shape = { runtimeMs: 0, source: null, series: null };
  const whole = described(seed, making.startedMs);
  making.items.push({ ...whole, ...shape, id: seriesId, type: 'Series', parentId: folder.id, path: root });
  for (const season of seed.seasons) {
    const at = `${root}/Season ${String(season.number).padStart(2, '0')}`;
    const seasonId = idOfPath(at);
    const name = season.name ?? (season.number === 0 ? 'Specials' : `Season ${season.number}`);
    const { createdMs, savedMs } = whole.facts;
    const facts = { number: season.number, createdMs, savedMs };
    const plain = { year: whole.year, genres: [], providerIds: {}, facts };
    making.items.push({ ...plain, ...shape, id: seasonId, name, type: 'Season', parentId: seriesId, path: at });
    for (const [index, episode] of season.episodes.entries()) {
      const number = episode.number ?? index + 1;
      const place = { id: seriesId, name: seed.name, seasonId, season: season.number, episode: number };
      const title = `${seed.name} S${String(season.number).padStart(2, '0')}E${String(number).padStart(2, '0')}`;
      const dated = { ...episode, year: episode.year ?? whole.year };
      playable(dated, { type: 'Episode', parentId: seasonId, series: place }, `${at}/${title}`, making);
    }
  }
}

function addFilm(seed: FilmSeed, folder: LibraryFolder, making: Making): void {
  const title = `${seed.name} (${seed.year ?? 2000})`;
  const place = { type: seed.kind ?? 'Movie', parentId: folder.id, series: null } as const;
  const first = making.items.length;
  for (const ending of ['', ...(seed.versions ?? []).map((version) => ` - ${version}`)])
    playable(seed, place, `${folder.path}/${title}/${title}${ending}`, making);
  const versionIds = making.items.slice(first).map(({ id }) => id);
  if (seed.versions !== undefined)
    for (const [index, item] of making.items.slice(first).entries())
      making.items[first + index] = { ...item, facts: { ...item.facts, versionIds } };
  const id = versionIds[0];
  if (seed.collection === undefined || id === undefined) return;
  making.collections.set(seed.collection, [...(making.collections.get(seed.collection) ?? []), id]);
}

function addCollections(making: Making): LibraryFolder[] {
  if (making.collections.size === 0) return [];
  const folder = {
    id: idOfPath('Collections'),
    name: 'Collections',
    collectionType: 'boxsets',
    path: '/config/data/collections',
  };
  for (const [name, childIds] of making.collections) {
    const path = `${folder.path}/${name} [boxset]`;
    const plain = described({ name }, making.startedMs);
    const shape = { runtimeMs: 0, source: null, series: null };
    const item = { ...plain, ...shape, id: idOfPath(path), type: 'BoxSet', parentId: folder.id, path } as const;
    making.items.push({ ...item, facts: { ...plain.facts, childIds } });
  }
  return [folder];
}

/** Ids depend on library, name and year only. Two of one name and year in a library are an error. */
export function itemsFromSeeds(libraries: readonly LibrarySeed[], startedMs: number): Seeded {
  const making: Making = { items: [], real: new Map(), collections: new Map(), startedMs };
  const folders = libraries.map((library): LibraryFolder => {
    const collectionType = library.films ? 'movies' : 'tvshows';
    const folder = {
      id: idOfPath(`library ${library.name}`),
      name: library.name,
      collectionType,
      path: `/media/${library.name}`,
    };
    for (const seed of library.series ?? []) addSeries(seed, folder, making);
    for (const seed of library.films ?? []) addFilm(seed, folder, making);
    return folder;
  });
  const collections = addCollections(making);
  const seen = new Set<string>();
  const twice = making.items.find(({ id }) => seen.size === seen.add(id).size);
  if (twice) throw new Error(`library: ${JSON.stringify(twice.name)} stands there twice`);
  return { folders: [...folders, ...collections], items: making.items, real: making.real };
}

const genrePool = [
  'Action',
  'Animation',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Family',
  'Horror',
  'Science Fiction',
  'Thriller',
];
const ratingPool = ['G', 'PG', 'PG-13', 'R', 'TV-14', 'TV-MA'];

/** `films` films and `series` series of `episodes` episodes each, in ten to a season: for planners. The same at every call. */
export function manyItems(count: { readonly films: number; readonly series: number; readonly episodes: number }): LibrarySeed[] {
  const pick = <T>(pool: readonly T[], index: number): T[] =>
    pool.slice(index % pool.length, (index % pool.length) + 1 + (index % 2));
  const shape = (index: number) => ({
    year: 1950 + (index % 75),
    genres: pick(genrePool, index * 7),
    tags: index % 5 === 0 ? ['favourite of many'] : [],
    studios: [`Studio ${index % 40}`],
    rating: pick(ratingPool, index)[0] ?? 'PG',
  });
  const films = Array.from({ length: count.films }, (_, index) => ({
    ...shape(index),
    name: `Film ${index}`,
    runtimeMs: (75 + ((index * 37) % 75)) * 60_000 + ((index * 7919) % 60_000),
  }));
  const series = Array.from({ length: count.series }, (_, index) => ({
    ...shape(index),
    name: `Series ${index}`,
    seasons: Array.from({ length: Math.ceil(count.episodes / 10) }, (_season, season) => ({
      number: season + 1,
      episodes: Array.from({ length: Math.min(10, count.episodes - season * 10) }, (_episode, episode) => ({
        name: `Part ${season * 10 + episode + 1}`,
        runtimeMs: (21 + ((index + episode) % 30)) * 60_000 + ((episode * 7919) % 60_000),
      })),
    })),
  }));
  return [
    { name: 'Films', films },
    { name: 'Shows', series },
  ];
}
