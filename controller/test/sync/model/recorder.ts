// What our sync asked of servers and when it had taken which hook: seen at its own doors, so that the oracle knows what it could know.
import type { HttpRequest } from '../../../src/http-client/open-http-client.ts';
import { planWrite } from '../../../src/jellyfin/sync/watch-state-of.ts';
import type { WatchChange } from '../../../src/neighbours/watch-state.ts';
import type { StoredHook } from '../../../src/sync/intake/inbox-store.ts';
import { readHook } from '../../../src/sync/intake/webhook-payload.ts';
import type { Weighed } from '../../../src/sync/state/loss-guard.ts';
import type { ServerClocks } from '../../../src/sync/state/server-clocks.ts';
import type { ModelServer } from './model-servers.ts';

export type Asked = {
  readonly place: string;
  readonly kind: 'read' | 'write';
  readonly text: string;
  readonly fromMs: number;
  toMs: number;
  /** Its answer was not heard. */
  wasCut: boolean;
};

export type Heard = {
  readonly place: string;
  /** By the server's clock. */
  readonly utcMs: number;
  /** By ours, as our sync works it out. */
  readonly oursMs: number;
  readonly doneMs: number;
  readonly has: WatchChange;
};

/** A write of what was there already. */
export type Needless = { readonly place: string; readonly text: string; readonly atMs: number };

export type Recorder = {
  asks(server: ModelServer, request: HttpRequest): (wasCut: boolean) => void;
  hooksDone(hooks: readonly StoredHook[], clocks: ServerClocks): void;
  said(weighed: Weighed): void;
  sayings(place: string): readonly (Weighed & { readonly atMs: number })[];
  crashed(): void;
  asked(place: string): readonly Asked[];
  heard(place: string): readonly Heard[];
  needless(): readonly Needless[];
  crashes(): readonly number[];
  writes(): number;
  forget(): void;
};

export const placeKey = (server: string, userId: string, itemId: string): string => `${server} ${userId} ${itemId}`;

const STATE = /^\/(?:UserItems|UserPlayedItems)\/([0-9a-f]{32})/;

export function createRecorder(): Recorder {
  const asked = new Map<string, Asked[]>();
  const heard = new Map<string, Heard[]>();
  const sayings = new Map<string, (Weighed & { readonly atMs: number })[]>();
  const needless: Needless[] = [];
  const crashes: number[] = [];
  let writes = 0;
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
        ...{ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY, wasCut: false },
      };
      add(asked, one.place, one);
      if (one.kind === 'write') {
        writes += 1;
        if (isNeedless(server, { userId, itemId, request }))
          needless.push({ place: one.place, text: one.text, atMs: one.fromMs });
      }
      return (wasCut) => {
        one.toMs = Date.now();
        one.wasCut = wasCut;
      };
    },
    hooksDone(hooks, clocks) {
      for (const { server, body, receivedMs } of hooks) {
        const read = readHook(body);
        if ('problem' in read) continue;
        const { userId, itemId, utcTicks, has } = read.ok.report;
        if (userId === null || itemId === null || utcTicks === null) continue;
        const utcMs = Number(utcTicks) / 10_000;
        const place = placeKey(server, userId, itemId);
        add(heard, place, { place, utcMs, oursMs: clocks.oursOf(server, utcMs, receivedMs), doneMs: Date.now(), has });
      }
    },
    said(weighed) {
      const { server, userId, itemId } = weighed.place;
      if (weighed.changes.length > 0) add(sayings, placeKey(server, userId, itemId), { ...weighed, atMs: Date.now() });
    },
    sayings: (place) => sayings.get(place) ?? [],
    crashed: () => void crashes.push(Date.now()),
    asked: (place) => asked.get(place) ?? [],
    heard: (place) => heard.get(place) ?? [],
    needless: () => needless,
    crashes: () => crashes,
    writes: () => writes,
    forget() {
      asked.clear();
      heard.clear();
      sayings.clear();
      needless.splice(0);
      crashes.splice(0);
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
