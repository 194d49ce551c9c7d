// The torrents of the simulated qBittorrent: what torrents/info tells of them, and stopping and starting them (base/bittorrent/torrentimpl.cpp).
import type { SimulatedVersion } from './entrance.ts';

export type SimulatedTorrent = {
  /** 40 hex digits. */
  readonly hash: string;
  readonly stopped?: boolean;
  /** Goes on past the queue. */
  readonly forced?: boolean;
  readonly seeding?: boolean;
  readonly broken?: 'error' | 'missingFiles';
  /** Shown instead of whether it is stopped. */
  readonly busy?: 'moving' | 'checkingResumeData';
};

export type Torrents = {
  all(): readonly SimulatedTorrent[];
  /** As a person in qBittorrent's own window; adds one that is not there. */
  edit(torrent: SimulatedTorrent): void;
  remove(hash: string): void;
  /** Whether anything could flow; true where there are no torrents to look at. */
  flows(): boolean;
  /** Whether there is such a column; any will do where there are no torrents. */
  sortsBy(column: string): boolean;
  /** torrents/info. */
  list(given: ReadonlyMap<string, string>): readonly object[];
  stop(hashes: string): void;
  start(hashes: string, mode: 'queued' | 'forced'): void;
};

/** The state in words is renewed this often; the filter and force_start are of now (seen on 4.5.2). */
const refreshMs = 1_500;

export const createTorrents = (options: {
  readonly first: readonly SimulatedTorrent[];
  readonly version: SimulatedVersion;
  readonly now: () => number;
}): Torrents => {
  const { first, version, now } = options;
  const isModern = version !== '4.5.2';
  const torrents = new Map(first.map((torrent) => [torrent.hash, torrent]));
  const shown = new Map<string, { readonly state: string; readonly at: number }>();
  const stateOf = (torrent: SimulatedTorrent): string => {
    const known = shown.get(torrent.hash);
    if (known !== undefined && now() - known.at < refreshMs) return known.state;
    const state = stateInWords(torrent, isModern);
    shown.set(torrent.hash, { state, at: now() });
    return state;
  };
  const named = (hashes: string): readonly SimulatedTorrent[] =>
    hashes === 'all' ? [...torrents.values()] : hashes.split('|').flatMap((hash) => torrents.get(hash.toLowerCase()) ?? []);
  const set = (torrent: SimulatedTorrent): void => void torrents.set(torrent.hash, torrent);
  return {
    all: () => [...torrents.values()],
    edit: set,
    remove: (hash) => void torrents.delete(hash),
    flows: () => torrents.size === 0 || [...torrents.values()].some(({ stopped, broken }) => !stopped && !broken),
    sortsBy: (column) => column === '' || torrents.size === 0 || columns.includes(column),
    list: (given) => {
      const hashes = given.get('hashes') ?? '';
      const rows = (hashes === '' ? [...torrents.values()] : named(hashes))
        .filter(matching(given.get('filter') ?? '', isModern))
        .map((torrent) => rowOf(torrent, stateOf(torrent)));
      const sorted = sort(rows, given.get('sort') ?? '', given.get('reverse') === 'true');
      return pageOf(sorted, {
        limit: toInt(given.get('limit')),
        offset: toInt(given.get('offset')),
        startsOver: version !== '5.2.3',
      });
    },
    stop: (hashes) => {
      for (const torrent of named(hashes)) set({ ...torrent, stopped: true });
    },
    start: (hashes, mode) => {
      // An error is forgotten with it; missing files are looked for again.
      for (const { broken: _broken, ...torrent } of named(hashes)) set({ ...torrent, stopped: false, forced: mode === 'forced' });
    },
  };
};

const stateInWords = ({ stopped, forced, seeding, broken, busy }: SimulatedTorrent, isModern: boolean): string => {
  if (busy ?? broken) return busy ?? broken ?? '';
  const direction = seeding ? 'UP' : 'DL';
  if (stopped) return `${isModern ? 'stopped' : 'paused'}${direction}`;
  return forced ? `forced${direction}` : `stalled${direction}`;
};

/** A filter that is not known lets everything through. */
const matching = (filter: string, isModern: boolean): ((torrent: SimulatedTorrent) => boolean) => {
  if (filter === (isModern ? 'running' : 'resumed')) return ({ stopped }) => !stopped;
  if (filter === (isModern ? 'stopped' : 'paused')) return ({ stopped }) => stopped === true;
  if (filter === 'errored') return ({ broken }) => broken !== undefined;
  if (filter === 'moving') return ({ busy }) => busy === 'moving';
  return () => true;
};

type Row = Readonly<Record<string, string | number | boolean>>;

/** Some of the original's 50 keys. With trackers in it, a magnet link is most of the answer. */
const rowOf = ({ hash, stopped, forced, seeding }: SimulatedTorrent, state: string): Row => ({
  amount_left: seeding ? 0 : 5,
  force_start: forced === true && !stopped,
  hash,
  infohash_v1: hash,
  magnet_uri: `magnet:?xt=urn:btih:${hash}&dn=simulated${`&tr=${encodeURIComponent('udp://tracker.example:6969/announce')}`.repeat(30)}`,
  name: `simulated ${hash.slice(0, 8)}`,
  progress: seeding ? 1 : 0,
  size: 5,
  state,
});

const columns = Object.keys(rowOf({ hash: '' }, ''));

const sort = (rows: readonly Row[], column: string, reverse: boolean): readonly Row[] => {
  if (column === '') return rows;
  const order = (a: Row, b: Row): number => ((a[column] ?? 0) < (b[column] ?? 0) ? -1 : 1);
  return rows.toSorted((a, b) => (reverse ? order(b, a) : order(a, b)));
};

/** Up to 5.1 an offset past the end starts over. */
const pageOf = (rows: readonly Row[], page: { limit: number; offset: number; startsOver: boolean }): readonly Row[] => {
  const told = page.offset < 0 ? rows.length + page.offset : page.offset;
  const offset = page.startsOver && (told >= rows.length || told < 0) ? 0 : Math.max(0, told);
  return rows.slice(offset, page.limit > 0 ? offset + page.limit : undefined);
};

const toInt = (text: string | undefined): number => (/^-?\d{1,9}$/.test(text ?? '') ? Number(text) : 0);
