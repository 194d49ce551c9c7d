// Pure: what each viewer, player and download client drew of the line, added up moment by moment.

/** What is told apart: a viewer (`server/user`), a program that plays (`Jellyfin Web`), a download client, and all of a kind together. */
export const DIMENSIONS = ['viewer', 'player', 'client', 'kind'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** `uplink`: through this home's line. `home`: within the home. `elsewhere`: of a server or client behind another line. */
export const PLACES = ['uplink', 'home', 'elsewhere'] as const;
export type Place = (typeof PLACES)[number];

export type Subject = { readonly by: Dimension; readonly name: string; readonly place: Place };

/** What is drawn at one moment: streams that play, and download clients. */
export type Drawing = {
  readonly streams: readonly {
    /** A stream that is told twice counts once. */
    readonly key: string;
    /** `server/user name`. */
    readonly viewer: string;
    readonly player: string;
    readonly place: Place;
    readonly bps: number;
  }[];
  readonly clients: readonly { readonly name: string; readonly place: Place; readonly upBps: number; readonly downBps: number }[];
};

/** `ms`: time in which something was drawn at all; two streams at a time count once. */
export type Amount = { readonly upBytes: number; readonly downBytes: number; readonly ms: number };
export type Drawn = Subject & Amount;
/** By `subjectKey`. */
export type Sums = ReadonlyMap<string, Drawn>;

/** Names come from players, so from anybody who may log in there. */
const MOST_NAME = 128;
/** Told apart in one minute; what more there is counts as one. */
const MOST_AT_ONCE = 300;
export const OTHERS = '(others)';

export const subjectKey = ({ by, name, place }: Subject): string => `${by} ${place} ${name}`;

/** What was drawn for `ms`, added to what was before. */
export function addMoment(sums: Sums, { streams, clients }: Drawing, ms: number): Sums {
  const now = new Map<string, { by: Dimension; name: string; place: Place; upBytes: number; downBytes: number; ms: number }>();
  const add = (by: Dimension, given: string, { place, upBytes, downBytes }: Moved): void => {
    const name = given.slice(0, MOST_NAME) || '(no name)';
    const key = subjectKey({ by, name, place });
    const there = now.get(key);
    if (there === undefined) now.set(key, { by, name, place, upBytes, downBytes, ms });
    else {
      there.upBytes += upBytes;
      there.downBytes += downBytes;
    }
  };
  const seen = new Set<string>();
  for (const { key, viewer, player, place, bps } of streams) {
    if (seen.has(key)) continue;
    seen.add(key);
    // A stream is sent by its server: at home it draws nothing of the line, and is kept apart by its place.
    const moved = { place, upBytes: bytesOf(bps, ms), downBytes: 0 };
    add('viewer', viewer, moved);
    add('player', player, moved);
    add('kind', 'streams', moved);
  }
  for (const { name, place, upBps, downBps } of clients) {
    if (!(upBps > 0 || downBps > 0)) continue;
    const moved = { place, upBytes: bytesOf(upBps, ms), downBytes: bytesOf(downBps, ms) };
    add('client', name, moved);
    add('kind', 'clients', moved);
  }
  const next = new Map(sums);
  for (const drawn of now.values()) addDrawn(next, drawn);
  return next;
}

type Moved = { readonly place: Place; readonly upBytes: number; readonly downBytes: number };

/** Download clients and kinds are as many as the configuration has; they are always told apart. */
export const mayBeMany = ({ by }: Pick<Subject, 'by'>): boolean => by === 'viewer' || by === 'player';

/** Changes `sums`. */
export function addDrawn(sums: Map<string, Drawn>, drawn: Drawn): void {
  const isOneTooMany = sums.size >= MOST_AT_ONCE && mayBeMany(drawn) && !sums.has(subjectKey(drawn));
  const subject = isOneTooMany ? { ...drawn, name: OTHERS } : drawn;
  const before = sums.get(subjectKey(subject));
  sums.set(subjectKey(subject), {
    ...subject,
    upBytes: (before?.upBytes ?? 0) + drawn.upBytes,
    downBytes: (before?.downBytes ?? 0) + drawn.downBytes,
    // Several that count as one are not together for longer than the time that passed; the most of them is near enough.
    ms: subject.name === OTHERS ? Math.max(before?.ms ?? 0, drawn.ms) : (before?.ms ?? 0) + drawn.ms,
  });
}

const bytesOf = (bps: number, ms: number): number => (Number.isFinite(bps) && bps > 0 ? (bps * ms) / 8_000 : 0);
