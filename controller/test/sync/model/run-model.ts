// Random people and random faults, by a seed: the same actions and the same faults for the same seed, though never at the same microsecond.
import { setTimeout as wait } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Log } from '../../../src/log.ts';
import type { WatchChange, WatchField, WatchState } from '../../../src/neighbours/watch-state.ts';
import { isSame } from '../../../src/sync/state/watch-fields.ts';
import { pick, seededRandom } from '../../fixtures/seeded-random.ts';
import { type ModelHome, openModelHome } from './model-home.ts';
import { LIKED, type ModelServer, PEOPLE, PLAYED, type Request, RUNTIME_MS } from './model-servers.ts';
import { differences, lostActions, needlessWrites, type Statement, wrongTimes } from './oracle.ts';
import { placeKey } from './recorder.ts';

/** What goes wrong in a round beside what people do. */
export type Faults = {
  /** Of hooks. */
  readonly lost: boolean;
  readonly late: boolean;
  readonly twice: boolean;
  readonly crashes: boolean;
  readonly outages: boolean;
  /** Clocks that are off, and one that is set meanwhile. */
  readonly skew: boolean;
  /** Our side is as a busy machine: whatever it asks, hears and is told takes its time. */
  readonly slow: boolean;
  /** Half of what people do is that they like, rate or move on one item of one of them: playings within a second cannot be told apart by their dates. */
  readonly crowded: boolean;
};

export type Round = { readonly seed: number; readonly actions: number; readonly faults: Faults };
export type Ran = {
  readonly problems: readonly string[];
  readonly actions: number;
  readonly statements: number;
  readonly writes: number;
};

type Action = {
  readonly name: string;
  /** Names of items. */
  readonly items: readonly string[];
  readonly fields: readonly WatchField[];
  /** What it sets, as far as that can be said: by what was there, and by the server's clock then. */
  readonly sets: (was: WatchState, nowMs: number) => WatchChange;
  readonly by: 'user' | 'key';
  readonly request: Request;
  readonly isPlaying: boolean;
};

type Playing = Map<string, { readonly item: string; positionMs: number }>;

const PLAYED_FIELDS: readonly WatchField[] = ['played', 'playCount', 'positionMs', 'lastPlayedMs'];

/** @returns what did not hold, in sentences */
async function runRound(home: ModelHome, { seed, actions, faults }: Round): Promise<Ran> {
  const random = seededRandom(seed);
  const { servers, recorder } = home;
  recorder.forget();
  const statements: Statement[] = [];
  const playing: Playing = new Map();
  const writesBefore = recorder.writes();
  const chance = (share: number): boolean => random() < share;
  const hot = { person: pick(random, PEOPLE), item: pick(random, PLAYED) };
  let done = 0;
  home.slow(faults.slow ? seededRandom(-seed) : null);
  const setClock = (server: ModelServer, mostMs: number): void => {
    server.setSkew(Math.floor((random() * 2 - 1) * mostMs));
    recorder.clockSet(server.name);
  };
  if (faults.skew) for (const server of servers) setClock(server, 30_000);
  for (const [n, { sim }] of servers.entries())
    if (faults.lost || faults.late || faults.twice)
      sim.webhooks.disturb({
        seed: seed + n,
        lost: faults.lost ? 0.3 : 0,
        duplicated: faults.twice ? 0.3 : 0,
        delayMs: faults.late ? 40 : 0,
      });
  for (let n = 0; n < actions; n += 1) {
    const server = pick(random, servers);
    const isHot = faults.crowded && chance(0.5);
    const person = isHot ? hot.person : pick(random, PEOPLE);
    const where = { server, person, playing, hot: isHot ? hot.item : null };
    const action = isHot ? pick(random, [favourite, rate, position])(random, where) : actionOf(random, where);
    if (server.isOn()) statements.push(...(await act(home, server, person, action)));
    done += server.isOn() ? 1 : 0;
    if (chance(0.5)) await wait(random() * 6);
    if (faults.crashes && chance(0.02)) await home.crash();
    if (faults.late && chance(0.05)) await holdBack(random, servers);
    // One clock is set by hand, and is wrong until its server's answers tell. A crash forgets what was measured of it: of what was made before and is heard
    // after both, nobody knows the time.
    if (faults.skew && !faults.crashes && n === Math.floor(actions / 2)) setClock(pick(random, servers), 120_000);
    if (faults.outages && chance(0.04)) await toggle(random, home, playing);
    if (faults.outages && chance(0.05)) for (const { name } of servers) home.controller().sync.lookNow(name);
    if (chance(0.01))
      void home
        .controller()
        .sync.compareWhole(pick(random, servers).name, AbortSignal.timeout(20_000))
        .catch(() => 0);
  }
  for (const server of servers) {
    await server.turn(true);
    for (const person of PEOPLE) {
      const now = playing.get(`${server.name} ${person}`);
      if (now !== undefined) statements.push(...(await act(home, server, person, stop(server, now, random))));
    }
  }
  await home.settle();
  const agreed = await home.agreed();
  const problems = [
    ...differences(servers, agreed, recorder),
    ...(isDatable(faults) ? lostActions(statements, { servers, recorder, agreed }) : []),
    ...needlessWrites(statements, recorder),
    ...wrongTimes(statements, recorder),
  ];
  return { problems, actions: done, statements: statements.length, writes: recorder.writes() - writesBefore };
}

/**
 * What a clock shows that is wrong or was just set is known by hooks that come at once. Where they are late as well, or what was measured was forgotten, echoes
 * of our own writing may be taken for a second later than they were: then nobody knows who was last within it. All servers agree even so.
 */
const isDatable = ({ skew, late, crashes }: Faults): boolean => !(skew && (late || crashes));

/** All that was held back comes at once, the last one first. */
async function holdBack(random: () => number, servers: readonly ModelServer[]): Promise<void> {
  const { sim } = pick(random, servers);
  if (random() < 0.5) sim.webhooks.hold();
  else await sim.webhooks.release('reversed');
}

async function toggle(random: () => number, { servers, recorder }: ModelHome, playing: Playing): Promise<void> {
  const server = pick(random, servers);
  if (server.isOn()) recorder.turnedOff(server.name);
  await server.turn(!server.isOn());
  // Sessions do not outlive a server.
  for (const person of PEOPLE) playing.delete(`${server.name} ${person}`);
}

async function act({ recorder }: ModelHome, server: ModelServer, person: string, action: Action): Promise<Statement[]> {
  const before = action.items.map((item) => server.state(person, item));
  const fromMs = Date.now();
  const isDone = await server.ask(person, action.by, action.request);
  const toMs = Date.now();
  return action.items.flatMap((item, n) => {
    const [was, is] = [before[n], server.state(person, item)];
    if (was === undefined) return [];
    const place = placeKey(server.name, server.userId(person), server.itemId(item));
    const isBeside = recorder.asked(place).some((one) => one.kind === 'write' && one.toMs >= fromMs);
    const about = { server: server.name, place, person, item, fromMs, toMs, skewMs: server.skewMs(), what: action.name };
    // Whoever takes the count away says that it is unwatched, also where a rewatch had made it so.
    const saysIt = (field: WatchField): boolean => action.name === 'unplayed' && field === 'played' && was.playCount > 0;
    const isSaid = (field: WatchField): boolean => saysIt(field) || !isSame(field, was[field], is[field]);
    const fields = isBeside ? action.fields : action.fields.filter(isSaid);
    const isSure = isDone && !isBeside;
    // Written over at once it cannot be seen any more.
    const sets = action.sets(was, fromMs + server.skewMs());
    const covered = isBeside ? fields.filter((field) => field in sets) : [];
    const beside = covered.map((field) => ({
      ...about,
      ...{ isPlaying: action.isPlaying, isSure: false, isMeant: true, field, value: sets[field] ?? null },
    }));
    const said = fields.map((field) => ({
      ...about,
      isPlaying: action.isPlaying,
      isSure,
      isMeant: true,
      field,
      value: is[field],
    }));
    // Whoever takes the count away takes all away that goes with it, also what our next writing would have brought (the engine's `isReset`); it need not be seen.
    const isReset = action.name === 'unplayed' && (fields.includes('playCount') || fields.includes('lastPlayedMs'));
    // A date or position that went on by less than a second is the same as before, but perhaps another than was last seen there.
    const isPerhaps = (field: WatchField): boolean => !fields.includes(field) && (isReset || was[field] !== is[field]);
    const perhaps = isBeside ? [] : action.fields.filter(isPerhaps);
    beside.push(
      ...perhaps.map((field) => ({
        ...about,
        ...{ isPlaying: action.isPlaying, isSure: false, isMeant: true, field, value: is[field] },
      })),
    );
    // On 10.11 a start takes the mark away, which nobody wants; it covers what was said there before.
    if (action.name !== 'start' || was.played === is.played) return [...beside, ...said];
    return [
      ...beside,
      ...said,
      { ...about, isPlaying: true, isSure: false, isMeant: false, field: 'played' as const, value: is.played },
    ];
  });
}

type Where = {
  readonly server: ModelServer;
  readonly person: string;
  readonly playing: Playing;
  /** The item that it is about; null: any. */
  readonly hot: string | null;
};

const ACTIONS: readonly (readonly [share: number, make: (random: () => number, where: Where) => Action])[] = [
  [3, markPlayed],
  [2, markUnplayed],
  [4, favourite],
  [4, rate],
  [4, position],
  [2, start],
  [5, progress],
  [2, stopSome],
  [0.3, season],
];
const SHARES = ACTIONS.reduce((sum, [share]) => sum + share, 0);

function actionOf(random: () => number, where: Where): Action {
  let at = random() * SHARES;
  for (const [share, make] of ACTIONS) {
    at -= share;
    if (at < 0) return make(random, where);
  }
  return favourite(random, where);
}

const someone = (random: () => number): 'user' | 'key' => (random() < 0.8 ? 'user' : 'key');

function markPlayed(random: () => number, { server, person }: Where): Action {
  const item = pick(random, PLAYED);
  const dateMs = random() < 0.2 ? Date.now() - Math.floor(random() * 1e9) : null;
  const date = dateMs === null ? '' : `&datePlayed=${new Date(dateMs).toISOString()}`;
  const path = `/UserPlayedItems/${server.itemId(item)}?userId=${server.userId(person)}${date}`;
  return {
    name: 'played',
    sets: (was, nowMs) => markedBy(was, dateMs, nowMs),
    items: [item],
    fields: PLAYED_FIELDS,
    by: someone(random),
    request: { method: 'POST', path },
    isPlaying: false,
  };
}

/** One more only where a date is given. */
const markedBy = (was: WatchState, dateMs: number | null, nowMs: number): WatchChange => ({
  ...{ played: true, positionMs: 0 },
  playCount: dateMs === null ? Math.max(1, was.playCount) : was.playCount + 1,
  lastPlayedMs: dateMs ?? was.lastPlayedMs ?? nowMs,
});

function markUnplayed(random: () => number, { server, person }: Where): Action {
  const item = pick(random, PLAYED);
  const path = `/UserPlayedItems/${server.itemId(item)}?userId=${server.userId(person)}`;
  return {
    name: 'unplayed',
    sets: () => ({ played: false, playCount: 0, positionMs: 0, lastPlayedMs: null }),
    items: [item],
    fields: PLAYED_FIELDS,
    by: someone(random),
    request: { method: 'DELETE', path },
    isPlaying: false,
  };
}

function season(random: () => number, { server, person }: Where): Action {
  const path = `/UserPlayedItems/${server.seasonId()}?userId=${server.userId(person)}`;
  const items = PLAYED.slice(-3);
  return {
    name: 'season played',
    sets: (was, nowMs) => markedBy(was, null, nowMs),
    items,
    fields: PLAYED_FIELDS,
    by: someone(random),
    request: { method: 'POST', path },
    isPlaying: false,
  };
}

function favourite(random: () => number, { server, person, hot }: Where): Action {
  const item = hot ?? pick(random, LIKED);
  const method = random() < 0.5 ? 'POST' : 'DELETE';
  const path = `/UserFavoriteItems/${server.itemId(item)}?userId=${server.userId(person)}`;
  return {
    name: `favourite ${method}`,
    sets: () => ({ favourite: method === 'POST' }),
    items: [item],
    fields: ['favourite'],
    by: someone(random),
    request: { method, path },
    isPlaying: false,
  };
}

function rate(random: () => number, { server, person, hot }: Where): Action {
  const item = hot ?? pick(random, LIKED);
  const likes = pick(random, [true, false, null]);
  const path = `/UserItems/${server.itemId(item)}/Rating?userId=${server.userId(person)}${likes === null ? '' : `&likes=${likes}`}`;
  const method = likes === null ? 'DELETE' : 'POST';
  return {
    name: `likes ${likes}`,
    sets: () => ({ rating: likes === null ? null : likes ? 10 : 1 }),
    items: [item],
    fields: ['rating'],
    by: someone(random),
    request: { method, path },
    isPlaying: false,
  };
}

function position(random: () => number, { server, person, hot }: Where): Action {
  const item = hot ?? pick(random, PLAYED);
  const positionMs = random() < 0.1 ? 0 : Math.floor(random() * RUNTIME_MS);
  const path = `/UserItems/${server.itemId(item)}/UserData?userId=${server.userId(person)}`;
  const request = { method: 'POST' as const, path, body: { PlaybackPositionTicks: positionMs * 10_000 } };
  return {
    name: `position ${positionMs}`,
    sets: () => ({ positionMs }),
    items: [item],
    fields: ['positionMs'],
    by: someone(random),
    request,
    isPlaying: false,
  };
}

/** What plays already is watched on, or something else is begun. */
function start(random: () => number, { server, person, playing, hot }: Where): Action {
  const item = pick(random, PLAYED);
  const key = `${server.name} ${person}`;
  const now = playing.get(key);
  if (now !== undefined && random() < 0.7) return progress(random, { server, person, playing, hot });
  playing.set(key, { item, positionMs: 0 });
  const body = { ItemId: server.itemId(item), PositionTicks: 0, CanSeek: true };
  // On 10.11 it takes the mark away from what was played, which nobody wants.
  const fields = PLAYED_FIELDS.filter((field) => field !== 'played' && field !== 'positionMs');
  return {
    name: 'start',
    sets: (was, nowMs) => ({ playCount: was.playCount + 1, lastPlayedMs: nowMs }),
    items: [item],
    fields,
    by: 'user',
    request: { method: 'POST', path: '/Sessions/Playing', body },
    isPlaying: true,
  };
}

function progress(random: () => number, where: Where): Action {
  const { server, person, playing } = where;
  const now = playing.get(`${server.name} ${person}`);
  if (now === undefined) return start(random, where);
  now.positionMs = somewhere(random);
  const body = { ItemId: server.itemId(now.item), PositionTicks: now.positionMs * 10_000, CanSeek: true };
  const request = { method: 'POST' as const, path: '/Sessions/Playing/Progress', body };
  return {
    name: `progress ${now.positionMs}`,
    sets: () => reachedBy(now.positionMs),
    items: [now.item],
    fields: reachedFields(now.positionMs),
    by: 'user',
    request,
    isPlaying: true,
  };
}

function stopSome(random: () => number, where: Where): Action {
  const { server, person, playing } = where;
  const now = playing.get(`${server.name} ${person}`);
  if (now === undefined) return start(random, where);
  playing.delete(`${server.name} ${person}`);
  return stop(server, now, random);
}

function stop(server: ModelServer, { item }: { item: string }, random: () => number): Action {
  const positionMs = somewhere(random);
  const body = { ItemId: server.itemId(item), PositionTicks: positionMs * 10_000 };
  const request = { method: 'POST' as const, path: '/Sessions/Playing/Stopped', body };
  return {
    name: `stop ${positionMs}`,
    sets: () => reachedBy(positionMs),
    items: [item],
    fields: reachedFields(positionMs),
    by: 'user',
    request,
    isPlaying: true,
  };
}

/** Played is said beyond 90 % alone. */
const reachedFields = (positionMs: number): readonly WatchField[] =>
  positionMs > 0.9 * RUNTIME_MS ? ['played', 'positionMs'] : ['positionMs'];

/** Below 5 % it is the beginning, above 90 % the end. */
function reachedBy(positionMs: number): WatchChange {
  const part = positionMs / RUNTIME_MS;
  return part > 0.9 ? { played: true, positionMs: 0 } : { positionMs: part < 0.05 ? 0 : positionMs };
}

/** Also below 5 % and above 90 %. */
const somewhere = (random: () => number): number => {
  const part = random();
  return Math.floor(RUNTIME_MS * (part < 0.15 ? 0.04 * random() : part > 0.85 ? 0.91 + 0.08 * random() : 0.06 + 0.8 * random()));
};

const NONE: Faults = {
  lost: false,
  late: false,
  twice: false,
  crashes: false,
  outages: false,
  skew: false,
  slow: false,
  crowded: false,
};

/** A round without any fault, and then rounds with some of them. */
export function roundsOf(seed: number, actions: number, each = 100): readonly Round[] {
  const random = seededRandom(seed);
  return Array.from({ length: Math.ceil(actions / each) }, (_, n) => {
    const fault = (): boolean => random() < 0.35;
    const faults: Faults = {
      lost: fault(),
      late: fault(),
      twice: fault(),
      crashes: fault(),
      outages: fault(),
      skew: fault(),
      slow: fault(),
      crowded: fault(),
    };
    return { seed: seed * 1_000 + n, actions: each, faults: n === 0 ? NONE : faults };
  });
}

/** Runs these rounds one after another: in each of them everything holds. */
export async function holds(t: Test, home: ModelHome, rounds: readonly Round[]): Promise<void> {
  for (const round of rounds) {
    const { problems, ...counted } = await runRound(home, round);
    t.same(problems, [], `round ${round.seed}: ${faultsOf(round.faults)}`);
    t.comment(JSON.stringify(counted));
  }
}

const faultsOf = (faults: Faults): string =>
  Object.entries(faults)
    .flatMap(([name, is]) => (is ? [name] : []))
    .join(', ') || 'no faults';

/** Nothing is written and no hook comes any more, for so long. */
export async function restlessness(home: ModelHome, ms: number): Promise<string[]> {
  const before = home.recorder.writes();
  for (const { sim } of home.servers) sim.webhooks.forget();
  await wait(ms);
  const hooks = home.servers.reduce((sum, { sim }) => sum + sim.webhooks.sent().length, 0);
  const writes = home.recorder.writes() - before;
  return writes + hooks === 0 ? [] : [`at rest, ${writes} writes and ${hooks} hooks within ${ms} ms`];
}

export const openFor = (count: number, log?: Log): Promise<ModelHome> =>
  openModelHome({ count, quickMs: 1_500, ...(log === undefined ? {} : { log }) });

/** What people had on each server by itself, before our sync came. */
export function haveWatched(servers: readonly ModelServer[], seed: number): void {
  const random = seededRandom(seed);
  for (const { sim, itemId } of servers)
    for (const person of PEOPLE)
      for (const item of PLAYED) {
        if (random() < 0.4) continue;
        const lastPlayed = new Date(1_700_000_000_000 + Math.floor(random() * 1e10)).toISOString().replace('Z', '0000Z');
        const isPlayed = random() < 0.5;
        sim.importWatched(person, itemId(item), {
          played: isPlayed,
          playCount: isPlayed ? 1 + Math.floor(random() * 3) : 0,
          positionTicks: random() < 0.5 ? 0 : Math.floor(random() * RUNTIME_MS) * 10_000,
          favourite: random() < 0.3,
          rating: pick(random, [null, 1, 10]),
          lastPlayed: random() < 0.8 ? lastPlayed : null,
        });
      }
}
