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
export function addMoment(sums: Sums, drawing: Drawing, ms: number): Sums {
  const next = new Map(sums);
  const now = new Map<string, Drawn>();
  for (const one of rates(drawing)) {
    const subject = { by: one.by, name: one.name.slice(0, MOST_NAME) || '(no name)', place: one.place };
    const before = now.get(subjectKey(subject));
    now.set(subjectKey(subject), {
      ...subject,
      upBytes: (before?.upBytes ?? 0) + bytesOf(one.upBps, ms),
      downBytes: (before?.downBytes ?? 0) + bytesOf(one.downBps, ms),
      ms,
    });
  }
  for (const drawn of now.values()) addDrawn(next, drawn);
  return next;
}

/** Changes `sums`. */
export function addDrawn(sums: Map<string, Drawn>, drawn: Drawn): void {
  const isNew = !sums.has(subjectKey(drawn));
  const subject = isNew && sums.size >= MOST_AT_ONCE ? { ...drawn, name: OTHERS } : drawn;
  const before = sums.get(subjectKey(subject));
  sums.set(subjectKey(subject), {
    ...subject,
    upBytes: (before?.upBytes ?? 0) + drawn.upBytes,
    downBytes: (before?.downBytes ?? 0) + drawn.downBytes,
    // Several that count as one are not together for longer than the time that passed; the most of them is near enough.
    ms: subject.name === OTHERS ? Math.max(before?.ms ?? 0, drawn.ms) : (before?.ms ?? 0) + drawn.ms,
  });
}

type Rate = Subject & { readonly upBps: number; readonly downBps: number };

function rates({ streams, clients }: Drawing): readonly Rate[] {
  const once = new Map(streams.map((stream) => [stream.key, stream]));
  const ofStreams = [...once.values()].flatMap(({ viewer, player, place, bps }): readonly Rate[] => {
    // A stream is sent by its server: at home it draws nothing of the line, and is kept apart by its place.
    const rate = { place, upBps: bps, downBps: 0 };
    return [
      { by: 'viewer', name: viewer, ...rate },
      { by: 'player', name: player, ...rate },
      { by: 'kind', name: 'streams', ...rate },
    ];
  });
  const ofClients = clients
    .filter(({ upBps, downBps }) => upBps > 0 || downBps > 0)
    .flatMap(({ name, ...rate }): readonly Rate[] => [
      { by: 'client', name, ...rate },
      { by: 'kind', name: 'clients', ...rate },
    ]);
  return [...ofStreams, ...ofClients];
}

const bytesOf = (bps: number, ms: number): number => (Number.isFinite(bps) && bps > 0 ? (bps * ms) / 8_000 : 0);
