// Several simulated Jellyfins, the real adapter, a real database and index: all of playlist sync but the controller around it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from '../../../../deploy/demo/jellyfin/simulator-options.ts';
import { systemClock } from '../../../src/clock.ts';
import { syncPlaylistsMigration } from '../../../src/database/migrations/013-sync-playlists.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { authorizationHeader } from '../../../src/jellyfin/authorization.ts';
import { openJellyfinHttp } from '../../../src/jellyfin/jellyfin-http.ts';
import { type JellyfinSync, openJellyfinSync } from '../../../src/jellyfin/sync/open-jellyfin-sync.ts';
import { silentLog } from '../../../src/log.ts';
import type { SyncedPlaylists } from '../../../src/neighbours/synced-playlists.ts';
import { createIndexFiles } from '../../../src/sync/index/index-files.ts';
import { createItemIndex } from '../../../src/sync/index/item-index.ts';
import { createLearnItem } from '../../../src/sync/learn-item.ts';
import type { ListTables } from '../../../src/sync/playlists/list-store.ts';
import type { ListLoss } from '../../../src/sync/playlists/lists-deps.ts';
import type { ListsOverview, ListsStanding, UnclearOf } from '../../../src/sync/playlists/lists-overview.ts';
import { createPlaylistSync } from '../../../src/sync/playlists/playlist-sync.ts';
import type { ListsRange, UndoneList } from '../../../src/sync/playlists/undo-range.ts';

export const FILMS = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Epsilon'] as const;

const seed = (server: string, names: readonly string[]) => ({
  name: `Films of ${server}`,
  films: names.map((name) => ({ name, runtimeMs: 5_400_000, providerIds: { Tmdb: String(1_000 + name.charCodeAt(0)) } })),
});

/** A person's own client. */
export type Person = {
  create(name: string, films: readonly string[]): Promise<string>;
  add(list: string, films: readonly string[]): Promise<void>;
  /** All entries of these. */
  remove(list: string, films: readonly string[]): Promise<void>;
  move(list: string, film: string, index: number): Promise<void>;
  rename(list: string, name: string): Promise<void>;
  delete(list: string): Promise<void>;
};

export type ListsServer = {
  readonly name: string;
  readonly sim: JellyfinSimulator;
  readonly sync: JellyfinSync;
  readonly person: Person;
  token: string;
  /** `Friday: Alpha Beta`, of all users, by name. */
  lists(): readonly string[];
  /** What was asked of it that changes playlists. */
  writes(): number;
};

export type ListsHome = {
  readonly servers: readonly ListsServer[];
  readonly told: UnclearOf[];
  /** Looks at each server, as often as there is something to do, at most five times. */
  settle(): Promise<void>;
  /** One look at one server. */
  look(server: string): Promise<void>;
  /** What is in memory is lost: a new controller on the same database. */
  restart(): void;
  /** Puts itself between us and a server. */
  disturb(server: string, by: (playlists: SyncedPlaylists) => SyncedPlaylists): void;
  readIndex(server: string): Promise<void>;
  overview(): Promise<ListsOverview>;
  undo(id: string): Promise<void>;
  undoRange(range: ListsRange, dryRun?: boolean): Promise<readonly UndoneList[]>;
  standing(): Promise<ListsStanding>;
  /** By server: anna's own log-in, where she gave one. */
  readonly tokens: Map<string, string>;
  readonly settings: Settings;
  /** Of the whole service, for a test of its loop. */
  run(signal: AbortSignal): Promise<void>;
  lookNow(server?: string): void;
};

type Settings = {
  directions: Readonly<Record<string, 'both' | 'source' | 'target'>>;
  dryRun: boolean;
  paused: boolean;
  weigh: (loss: ListLoss) => 'counts' | 'bring-back' | 'held';
};

export type HomeOptions = {
  /** Of a PostgreSQL, in place of a folder. */
  readonly databaseUrl?: string;
  readonly servers: Readonly<
    Record<string, Pick<SimulatorOptions, 'version' | 'users'> & { readonly films?: readonly string[] }>
  >;
};

export async function startListsHome(t: Test, { servers: wanted, databaseUrl }: HomeOptions): Promise<ListsHome> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-lists-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const servers: ListsServer[] = [];
  for (const [name, { films = FILMS, ...options }] of Object.entries(wanted)) {
    const users = [{ name: 'anna' }];
    const sim = await startJellyfinSimulator({ serverName: name, library: [seed(name, films)], users, ...options });
    t.teardown(() => sim[Symbol.asyncDispose]());
    servers.push(await openServer(t, name, sim));
  }
  const clock = systemClock;
  const database = await openDatabase({
    ...{ path: folder, log: silentLog, clock, migrations: [syncPlaylistsMigration] },
    ...(databaseUrl === undefined ? {} : { url: databaseUrl }),
  });
  t.teardown(() => database[Symbol.asyncDispose]());
  const life = new AbortController();
  t.teardown(() => life.abort());
  const index = createItemIndex({
    ...{ files: createIndexFiles(join(folder, 'index')), pathMaps: [], clock, log: silentLog, signal: life.signal },
  });
  await index.load(servers.map(({ name }) => name));
  for (const { sync } of servers) await index.refresh(sync.server, life.signal);
  const byName = new Map(servers.map((one) => [one.name, one]));
  const settings: Settings = { directions: {}, dryRun: false, paused: false, weigh: () => 'counts' };
  const [tokens, told] = [new Map<string, string>(), [] as UnclearOf[]];
  const between = new Map<string, (playlists: SyncedPlaylists) => SyncedPlaylists>();
  const users = new Map<string, string>();
  for (const { name, sync } of servers)
    for (const user of await sync.server.users(life.signal)) users.set(`${name} ${user.id}`, user.name);
  const directionOf = (server: string): string => settings.directions[server] ?? 'both';
  const learn = createLearnItem({ index, server: (name) => byName.get(name)?.sync.server ?? null, pathMaps: [] });
  const start = () =>
    createPlaylistSync({
      ...{ db: database.tables<ListTables>(), index, clock, log: silentLog, everyMs: 60_000 },
      servers: servers.map(({ name, sync }) => ({
        ...{ name, server: sync.server },
        get playlists() {
          return between.get(name)?.(sync.playlists) ?? sync.playlists;
        },
      })),
      items: {
        itemsOf: (identity, server) => index.itemsOf(identity).flatMap((item) => (item.server === server ? [item.itemId] : [])),
        identityOf: index.identityOf,
        learn,
        isAudio: (identity) => index.itemsOf(identity)[0]?.kind === 'audio',
      },
      personOf: (server, userId) => users.get(`${server} ${userId}`) ?? null,
      tokenOf: (server, userId) => (users.get(`${server} ${userId}`) === 'anna' ? (tokens.get(server) ?? null) : null),
      isSource: (server) => directionOf(server) !== 'target',
      isTarget: (server) => directionOf(server) !== 'source',
      weighLoss: async (_tx, loss) => settings.weigh(loss),
      isDryRun: () => settings.dryRun,
      isPaused: () => settings.paused,
      tellUnclear: (one) => told.push(one),
    });
  let service = start();
  return {
    ...{ servers, told, tokens, settings },
    async settle() {
      for (let round = 0; round < 5; round += 1) {
        const before = servers.map((server) => server.writes());
        for (const { name } of servers) await service.look(name, life.signal);
        if (round > 0 && servers.every((server, at) => server.writes() === before[at])) return;
      }
    },
    look: (server) => service.look(server, life.signal),
    restart() {
      service = start();
    },
    disturb: (server, by) => void between.set(server, by),
    async readIndex(server) {
      const one = byName.get(server);
      if (one !== undefined) await index.refresh(one.sync.server, life.signal);
    },
    overview: () => service.overview(),
    undo: (id) => service.undo(id, life.signal),
    undoRange: (range, dryRun = false) => service.undoRange(range, dryRun, life.signal),
    standing: () => service.standing(),
    run: (signal) => service.run(signal),
    lookNow: (server) => service.lookNow(server),
  };
}

const device = { deviceId: 'headgate-lists-test', deviceName: 'test', clientName: 'Headgate', version: '1' };

async function openServer(t: Test, name: string, sim: JellyfinSimulator): Promise<ListsServer> {
  const clock = systemClock;
  const authorization = authorizationHeader({ apiKey: sim.apiKey, ...device });
  const http = openJellyfinHttp({ who: `Jellyfin "${name}"`, url: sim.url, authorization, clock });
  const sync = openJellyfinSync({ name, http, address: { url: sim.url }, device, clock });
  t.teardown(async () => {
    await sync[Symbol.asyncDispose]();
    await http[Symbol.asyncDispose]();
  });
  const { token } = await sync.logIns.byPassword({ name: 'anna', password: 'annapw' }, AbortSignal.timeout(10_000));
  const nameOf = (id: string): string => sim.items.find((item) => item.id === id)?.name ?? id;
  return {
    ...{ name, sim, sync, token },
    person: await personAt(sim),
    lists: () =>
      sim
        .playlists()
        .map((list) => `${list.name}: ${list.itemIds.map(nameOf).join(' ')}`)
        .sort(),
    writes: () => sim.requests().filter(({ changing, path }) => changing && /^\/(Playlists|Items)/.test(path)).length,
  };
}

async function personAt(sim: JellyfinSimulator): Promise<Person> {
  const header = (token: string): string =>
    `MediaBrowser ${token}Client="Test", Device="anna", DeviceId="anna-${sim.url}", Version="1"`;
  const send = async (authorization: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${sim.url}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : (JSON.parse(text) as unknown);
  };
  const own = (await send(header(''), 'POST', '/Users/AuthenticateByName', { Username: 'anna', Pw: 'annapw' })) as {
    readonly AccessToken: string;
    readonly User: { readonly Id: string };
  };
  const call = (method: string, path: string, body?: unknown) => send(header(`Token="${own.AccessToken}", `), method, path, body);
  const idOf = (film: string): string => sim.items.find((item) => item.name === film)?.id ?? film;
  const listId = (name: string): string => {
    const found = sim.playlists().filter((list) => list.name === name || list.id === name);
    if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} lists ${name}`);
    return found[0].id;
  };
  const ids = (films: readonly string[]): string => films.map(idOf).join();
  return {
    async create(name, films) {
      const body = { Name: name, Ids: films.map(idOf), UserId: own.User.Id, MediaType: 'Video', IsPublic: false };
      return ((await call('POST', '/Playlists', body)) as { readonly Id: string }).Id;
    },
    add: async (list, films) =>
      void (await call('POST', `/Playlists/${listId(list)}/Items?ids=${ids(films)}&userId=${own.User.Id}`)),
    remove: async (list, films) => void (await call('DELETE', `/Playlists/${listId(list)}/Items?entryIds=${ids(films)}`)),
    move: async (list, film, index) => void (await call('POST', `/Playlists/${listId(list)}/Items/${idOf(film)}/Move/${index}`)),
    rename: async (list, name) => void (await call('POST', `/Playlists/${listId(list)}`, { Name: name })),
    delete: async (list) => void (await call('DELETE', `/Items/${listId(list)}`)),
  };
}
