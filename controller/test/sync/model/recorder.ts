// What our sync asked of servers and when it had taken which hook: seen at its own doors, so that the oracle knows what it could know.
import type { HttpRequest } from '../../../src/http-client/open-http-client.ts';
import { planWrite } from '../../../src/jellyfin/sync/watch-state-of.ts';
import type { WatchChange } from '../../../src/neighbours/watch-state.ts';
import type { StoredHook } from '../../../src/sync/intake/inbox-store.ts';
import { readHook } from '../../../src/sync/intake/webhook-payload.ts';
import type { Weighed } from '../../../src/sync/state/loss-guard.ts';
import type { Seen } from '../../../src/sync/state/observe.ts';
import type { Point } from '../../../src/sync/state/past.ts';
import type { ModelServer } from './model-servers.ts';

export type Asked = {
  readonly place: string;
  /** `check`: whether it is a series, before a reset: nobody hears what it has. */
  kind: 'read' | 'write' | 'check';
  readonly text: string;
  /** Of a write, what the place has by it. */
  readonly sets: WatchChange;
  /** Of a write, what the place had of that before; of a reading, what it had when the answer came. */
  had: Seen;
  readonly fromMs: number;
  toMs: number;
  /** Its answer was not heard. */
  wasCut: boolean;
};

export type Heard = {
  readonly place: string;
  /** By the server's clock. */
  readonly utcMs: number;
  readonly doneMs: number;
  readonly has: WatchChange;
};

export type Said = Weighed & { readonly atMs: number; readonly past: readonly Point[] };

/** When our sync took a hook for made, by our clock, and how far that may be off, as it thinks; each time that it asked: what is known of clocks changes. */
export type Dated = { readonly oursMs: number; readonly sureMs: number; readonly atMs: number };

/** What was on the disk of a place. */
export type Kept = { readonly seen: Seen; readonly readMs: number; readonly isOpen: boolean };

/** It was gone at once, and what it knew when it began anew, by place. */
export type Crash = { readonly atMs: number; readonly kept: ReadonlyMap<string, Kept> };

/** A write of what was there already. */
export type Needless = { readonly place: string; readonly text: string; readonly atMs: number };

export type Recorder = {
  asks(server: ModelServer, request: HttpRequest): (wasCut: boolean) => void;
  hooksDone(hooks: readonly StoredHook[]): void;
  dated(server: string, utcMs: number, dated: Omit<Dated, 'atMs'>): void;
  datesOf(server: string, utcMs: number): readonly Dated[];
  /** @param past what was known of the place then */
  said(weighed: Weighed, past: readonly Point[]): void;
  sayings(place: string): readonly Said[];
  crashed(): void;
  /** After a crash, before anything else is done: what is known. */
  begun(kept: ReadonlyMap<string, Kept>): void;
  /** A server's clock is set. */
  clockSet(server: string): void;
  /** When that was done. */
  clockSets(server: string): readonly number[];
  /** A server is turned off. */
  turnedOff(server: string): void;
  asked(place: string): readonly Asked[];
  heard(place: string): readonly Heard[];
  needless(): readonly Needless[];
  crashes(): readonly Crash[];
  /** When this server was turned off. */
  offs(server: string): readonly number[];
  writes(): number;
  /** When it forgot all that was before. */
  sinceMs(): number;
  forget(): void;
};

export const placeKey = (server: string, userId: string, itemId: string): string => `${server} ${userId} ${itemId}`;

const STATE = /^\/(?:UserItems|UserPlayedItems)\/([0-9a-f]{32})/;

export function createRecorder(): Recorder {
  const asked = new Map<string, Asked[]>();
  const heard = new Map<string, Heard[]>();
  const dates = new Map<string, Dated[]>();
  const sayings = new Map<string, Said[]>();
  const needless: Needless[] = [];
  const crashes: Crash[] = [];
  let crashedMs: number | null = null;
  const offs = new Map<string, number[]>();
  const clockSets = new Map<string, number[]>();
  let [writes, sinceMs] = [0, 0];
  return {
    asks(server, request) {
      const itemId = STATE.exec(request.path)?.[1];
      const userId = request.query?.['userId'];
      if (itemId === undefined || typeof userId !== 'string') return () => {};
      const method = request.method ?? 'GET';
      const one: Asked = {
        place: placeKey(server.name, userId, itemId),
        kind: method === 'GET' ? 'read' : 'write',
        text: `${method} ${request.path.slice(0, 18)} ${typeof request.body === 'string' ? request.body : ''}`,
        ...(method === 'GET' ? { sets: {}, had: {} } : { sets: setBy(request), had: server.stateById(userId, itemId) ?? {} }),
        ...{ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY, wasCut: false },
      };
      add(asked, one.place, one);
      if (one.kind === 'write') {
        writes += 1;
        const before = asked.get(one.place)?.at(-2);
        if (request.path.startsWith('/UserPlayedItems') && before !== undefined) before.kind = 'check';
        if (isNeedless(server, { userId, itemId, request }))
          needless.push({ place: one.place, text: one.text, atMs: one.fromMs });
      }
      return (wasCut) => {
        one.toMs = Date.now();
        one.wasCut = wasCut;
        if (one.kind === 'read') one.had = server.stateById(userId, itemId) ?? {};
      };
    },
    hooksDone(hooks) {
      for (const { server, body } of hooks) {
        const read = readHook(body);
        if ('problem' in read) continue;
        const { userId, itemId, utcTicks, has } = read.ok.report;
        if (userId === null || itemId === null || utcTicks === null) continue;
        const utcMs = Number(utcTicks) / 10_000;
        const place = placeKey(server, userId, itemId);
        add(heard, place, { place, utcMs, doneMs: Date.now(), has });
      }
    },
    dated: (server, utcMs, one) => add(dates, `${server} ${utcMs}`, { ...one, atMs: Date.now() }),
    datesOf: (server, utcMs) => dates.get(`${server} ${utcMs}`) ?? [],
    said(weighed, past) {
      const { server, userId, itemId } = weighed.place;
      if (weighed.changes.length > 0) add(sayings, placeKey(server, userId, itemId), { ...weighed, past, atMs: Date.now() });
    },
    sayings: (place) => sayings.get(place) ?? [],
    crashed() {
      crashedMs = Date.now();
    },
    begun(kept) {
      if (crashedMs !== null) crashes.push({ atMs: crashedMs, kept });
      crashedMs = null;
    },
    asked: (place) => asked.get(place) ?? [],
    heard: (place) => heard.get(place) ?? [],
    needless: () => needless,
    crashes: () => crashes,
    clockSet: (server) => add(clockSets, server, Date.now()),
    clockSets: (server) => clockSets.get(server) ?? [],
    turnedOff: (server) => add(offs, server, Date.now()),
    offs: (server) => offs.get(server) ?? [],
    writes: () => writes,
    sinceMs: () => sinceMs,
    forget() {
      sinceMs = Date.now();
      asked.clear();
      heard.clear();
      dates.clear();
      sayings.clear();
      needless.splice(0);
      crashes.splice(0);
      offs.clear();
      clockSets.clear();
    },
  };
}

function add<One>(lists: Map<string, One[]>, key: string, one: One): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
}

type Write = { readonly userId: string; readonly itemId: string; readonly request: HttpRequest };

/** Whether one of the fields that it writes is so already. */
function isNeedless(server: ModelServer, { userId, itemId, request }: Write): boolean {
  const state = server.stateById(userId, itemId);
  if (state === null) return false;
  if (request.path.startsWith('/UserPlayedItems'))
    return !state.played && state.playCount === 0 && state.positionMs === 0 && state.lastPlayedMs === null;
  if (request.path.endsWith('/Rating')) return state.rating === null;
  const body = JSON.parse(String(request.body)) as Readonly<Record<string, unknown>>;
  const has = planWrite({ ...state, rating: state.rating ?? 0, lastPlayedMs: state.lastPlayedMs ?? 0 }).body ?? {};
  return Object.entries(body).some(([name, value]) => has[name] === value);
}

function setBy(request: HttpRequest): WatchChange {
  if (request.path.startsWith('/UserPlayedItems')) return { played: false, playCount: 0, positionMs: 0, lastPlayedMs: null };
  if (request.path.endsWith('/Rating')) return { rating: null };
  const body = JSON.parse(String(request.body)) as Readonly<Record<string, unknown>>;
  const told = {
    ...{ played: body['Played'], playCount: body['PlayCount'], favourite: body['IsFavorite'], rating: body['Rating'] },
    positionMs: typeof body['PlaybackPositionTicks'] === 'number' ? body['PlaybackPositionTicks'] / 10_000 : undefined,
    lastPlayedMs: typeof body['LastPlayedDate'] === 'string' ? Date.parse(body['LastPlayedDate']) : undefined,
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as WatchChange;
}
