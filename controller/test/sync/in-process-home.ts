// Several simulated Jellyfins kept the same by sync in this process, with a clock that a test sets and a restart as after a kill.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Test } from 'tap';
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { LibrarySeed } from '../../../deploy/demo/jellyfin/library-seeds.ts';
import type { SimulatorOptions } from '../../../deploy/demo/jellyfin/simulator-options.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open-database.ts';
import { authorizationHeader } from '../../src/jellyfin/authorization.ts';
import { openJellyfinHttp } from '../../src/jellyfin/jellyfin-http.ts';
import { type JellyfinSync, openJellyfinSync } from '../../src/jellyfin/sync/open-jellyfin-sync.ts';
import { silentLog } from '../../src/log.ts';
import type { GuardTables } from '../../src/sync/guard/guard-tables.ts';
import { createHolds, type Holds } from '../../src/sync/guard/holds.ts';
import { type Guard, openLossGuard } from '../../src/sync/guard/loss-guard.ts';
import { createIndexFiles } from '../../src/sync/index/index-files.ts';
import { createItemIndex, type ItemIndex } from '../../src/sync/index/item-index.ts';
import { type InboxTables, openInboxStore } from '../../src/sync/intake/inbox-store.ts';
import { readHook } from '../../src/sync/intake/webhook-payload.ts';
import { createLearnItem } from '../../src/sync/learn-item.ts';
import { type LeftTables, tidyLeftServers } from '../../src/sync/left-servers.ts';
import { createHints, type Hints } from '../../src/sync/missed/hints.ts';
import { followPeople } from '../../src/sync/people/follow-people.ts';
import { openPeople, type People, type PeopleTables, type UserMap } from '../../src/sync/people/people.ts';
import type { UserTables } from '../../src/sync/people/people-tables.ts';
import { createSealedPasswords, type SealedPasswords } from '../../src/sync/people/sealed-passwords.ts';
import { createUserSync, type UserSync } from '../../src/sync/people/user-sync.ts';
import { type AnewTables, heardFrom, meetAnew } from '../../src/sync/reconcile/meet-anew.ts';
import { openIds } from '../../src/sync/state/ids.ts';
import type { Place, SyncTables } from '../../src/sync/state/sync-tables.ts';
import type { SyncEvent } from '../../src/sync/sync-event.ts';
import { createSync, type Sync, type SyncDeps } from '../../src/sync/sync-service.ts';

export type HomeServer = {
  readonly name: string;
  readonly sim: JellyfinSimulator;
  readonly sync: JellyfinSync;
  itemId(film: string): string;
  /** As the server has it of this user. */
  has(user: string, film: string): ReturnType<JellyfinSimulator['watched']>;
  /** Their own client. */
  logIn(user: string): Promise<{
    readonly id: string;
    call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>;
  }>;
};

export type Running = {
  readonly sync: Sync;
  readonly guard: Guard;
  readonly holds: Holds;
  readonly people: People;
  readonly index: ItemIndex;
  /** What was said to have happened. */
  readonly events: SyncEvent[];
  readonly users: UserSync;
  readonly passwords: SealedPasswords;
  readonly hints: Hints;
  /** Of hints: what they log and tell. */
  readonly logged: string[];
  readonly db: Kysely<GuardTables & UserTables>;
  transaction<Result>(work: (tx: Kysely<GuardTables>) => Promise<Result>): Promise<Result>;
  /** As a kill: nothing is said or written any more. */
  end(): Promise<void>;
};

export type InProcessHome = {
  readonly servers: readonly HomeServer[];
  server(name: string): HomeServer;
  readonly clock: Clock;
  /** Our clock, from now on. */
  shift(ms: number): void;
  /** Over the same data folder, however often. @param without servers that are configured no more */
  start(without?: readonly string[]): Promise<Running>;
};

export type InProcessOptions = {
  readonly servers: Readonly<Record<string, SimulatorOptions>>;
  readonly limits?: { readonly losses: number; readonly percent: number; readonly windowMs: number };
  readonly directions?: Readonly<Record<string, 'both' | 'source' | 'target'>>;
  readonly map?: UserMap;
  readonly skipped?: readonly string[];
  readonly isPlaying?: (place: Place) => boolean;
  readonly hooks?: boolean;
  readonly isPaused?: () => boolean;
  /** Users are kept the same; by name, the servers that want no passwords. */
  readonly users?: { readonly passwordless: readonly string[] };
  readonly quickMs?: number;
  /** Laid over what sync is set to. */
  readonly settings?: Partial<SyncDeps['settings']>;
};

export const films = (count: number): LibrarySeed => ({
  name: 'Films',
  films: Array.from({ length: count }, (_, n) => ({
    name: `Film ${n}`,
    runtimeMs: 5_400_000,
    providerIds: { Tmdb: String(1_000 + n) },
  })),
});

const KINDS = { progress: true, watched: true, favourites: true, ratings: true };

export async function openInProcessHome(t: Test, options: InProcessOptions): Promise<InProcessHome> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-sync-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const offset = { ms: 0 };
  const clock: Clock = { ...systemClock, now: () => Date.now() + offset.ms };
  const servers: HomeServer[] = [];
  for (const [name, given] of Object.entries(options.servers)) {
    const sim = await startJellyfinSimulator({ serverName: name, library: [films(8)], users: [{ name: 'anna' }], ...given });
    t.teardown(() => sim[Symbol.asyncDispose]());
    servers.push(homeServer(t, name, sim, clock));
  }
  const named = (name: string): HomeServer => {
    const found = servers.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no server ${name}`);
    return found;
  };
  return {
    ...{ servers, clock },
    server: named,
    shift(ms) {
      offset.ms += ms;
    },
    start: (without = []) => start(t, options, { servers: servers.filter(({ name }) => !without.includes(name)), folder, clock }),
  };
}

async function start(
  t: Test,
  options: InProcessOptions,
  { servers, folder, clock }: { servers: readonly HomeServer[]; folder: string; clock: Clock },
): Promise<Running> {
  const ending = new AbortController();
  const signal = ending.signal;
  const database = await openDatabase({ path: join(folder, 'data'), log: silentLog, clock, migrations });
  const db = database.tables<SyncTables>();
  const directions = new Map(servers.map(({ name }) => [name, options.directions?.[name] ?? 'both'] as const));
  await meetAnew(database.tables<AnewTables>(), heardFrom({ directions, kinds: options.settings?.kinds ?? KINDS }));
  const events: SyncEvent[] = [];
  const tell = (event: SyncEvent): void => void events.push(event);
  const index = createItemIndex({
    files: createIndexFiles(join(folder, 'data', 'sync-index')),
    ...{ pathMaps: [], clock, log: silentLog, signal },
  });
  const names = servers.map(({ name }) => name);
  await index.load(names);
  await tidyLeftServers(database.tables<LeftTables>(), { servers: names, nowMs: clock.now(), log: silentLog });
  const { map = {}, skipped = [] } = options;
  const isSource = (name: string): boolean => options.directions?.[name] !== 'target';
  const follow = options.users === undefined ? undefined : followPeople({ isSource, nowMs: clock.now });
  const people = await openPeople(database.tables<PeopleTables>(), { map, skipped, follow });
  const inbox = await openInboxStore(database.tables<InboxTables>());
  const late: { ring: () => void } = { ring: () => {} };
  const limits = options.limits ?? { losses: 20, percent: 5, windowMs: 600_000 };
  const guard = await openLossGuard({
    ...{ db: database.tables<GuardTables>(), limits, clock, log: silentLog },
    held: () => late.ring(),
  });
  index.onChange(({ server }) => {
    const size = index.shrinkage(server);
    if (size !== null) guard.noteSize(server, size);
  });
  const logged: string[] = [];
  const note = (_fields: object, text: string): void => void logged.push(text);
  const hints = createHints({
    ...{
      db,
      tell: ({ kind }) => void logged.push(kind),
      log: { ...silentLog, info: note, warn: note },
      nowMs: clock.now,
      personOf: people.personOf,
    },
    ...{ waitingHooks: inbox.count, indexedMs: index.lastBuiltMs, tellsHooks: () => true, graceMs: 100 },
    feeds: (name) => servers.find((one) => one.name === name)?.sync.changeFeeds ?? null,
  });
  const sync = createSync({
    hints,
    ...{ db, people, index, inbox, clock, guard, log: silentLog, servers: servers.map((one) => one.sync.server) },
    learn: createLearnItem({
      index,
      server: (name) => servers.find((one) => one.name === name)?.sync.server ?? null,
      pathMaps: [],
    }),
    settings: {
      directions,
      kinds: KINDS,
      ...{ progressDebounceMs: 0, pathMaps: [], policies: [], maxRetries: 5, retryDelayMs: 1_000 },
      ...{ quickMs: options.quickMs ?? 60_000, fullMs: 86_400_000, dryRun: false, endsMs: 0 },
      ...options.settings,
    },
    newId: await openIds(db),
    isPlaying: options.isPlaying ?? (() => false),
    isPaused: options.isPaused ?? (() => false),
    looked(server) {
      if (guard.noteSkew(server.name, server.clockSkew())) sync.clocks.forget(server.name);
      users.ring();
    },
  });
  const holds = createHolds({
    ...{ db: database.tables<GuardTables>(), around: sync.around, identityOf: index.identityOf, clock, log: silentLog, tell },
  });
  late.ring = holds.ring;
  const passwords = createSealedPasswords(Buffer.alloc(32, 7));
  const users = createUserSync({
    ...{ db: database.tables<UserTables>(), people, passwords, map, clock, log: silentLog, tell, nowMs: clock.now },
    servers: servers.map(({ name }) => ({ name, direction: options.directions?.[name] ?? 'both' })),
    server(name) {
      const one = servers.find((each) => each.name === name);
      if (one === undefined) return null;
      const isPasswordless = options.users?.passwordless.includes(name) ?? false;
      return { server: one.sync.server, people: one.sync.people, isPasswordless };
    },
    async refresh(name, until) {
      const one = servers.find((each) => each.name === name);
      if (one !== undefined) await people.ask(one.sync.server, until);
      sync.lookNow(name);
    },
    isPaused: () => false,
  });
  const hooks = options.hooks === false ? null : await receiveHooks(servers, inbox, sync, clock);
  if (hooks !== null) for (const { name } of servers) hints.expect(name, true);
  const works = Promise.all([sync.run(signal), holds.run(signal), options.users === undefined ? null : users.run(signal)]);
  const end = async (): Promise<void> => {
    if (signal.aborted) return;
    ending.abort();
    await works;
    await guard.settled();
    hooks?.close();
    hooks?.closeAllConnections();
    await database[Symbol.asyncDispose]();
  };
  t.teardown(end);
  await until('everybody was compared', async () => {
    const rows = await db.selectFrom('sync_alignments').select(['server', 'user_id']).execute();
    const has = (server: string, userId: string): boolean => rows.some((row) => row.server === server && row.user_id === userId);
    const users = people.all().flatMap((person) => person.users);
    return (
      users.every(({ server, userId }) => !names.includes(server) || has(server, userId)) &&
      names.every((name) => rows.some(({ server }) => server === name))
    );
  });
  const transaction: Running['transaction'] = (work) => database.tables<GuardTables>().transaction().execute(work);
  return {
    ...{ sync, guard, holds, people, index, events, users, passwords, hints, logged },
    db: database.tables(),
    transaction,
    end,
  };
}

async function receiveHooks(
  servers: readonly HomeServer[],
  inbox: Awaited<ReturnType<typeof openInboxStore>>,
  sync: Pick<Sync, 'hookCame' | 'isEcho'>,
  clock: Clock,
) {
  const take = async (request: IncomingMessage): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const server = decodeURIComponent(request.url?.slice(1) ?? '');
    const read = readHook(body);
    if ('ok' in read && sync.isEcho(server, read.ok.report)) return;
    await inbox.add({ server, receivedMs: clock.now(), body });
    sync.hookCame(server);
  };
  const http = createServer((request, response) => {
    void take(request).then(
      () => response.end('{}'),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const { port } = http.address() as AddressInfo;
  const never = new AbortController().signal;
  const header = { name: 'X-Headgate-Secret', value: 'a-secret-of-the-test' };
  for (const { name, sync } of servers) await sync.hookPlugin.ensure({ url: `http://127.0.0.1:${port}/${name}`, header }, never);
  return http;
}

function homeServer(t: Test, name: string, sim: JellyfinSimulator, clock: Clock): HomeServer {
  const device = { deviceId: `headgate-${name}`, deviceName: 'test', clientName: 'Headgate', version: '1' };
  const authorization = authorizationHeader({ apiKey: sim.apiKey, ...device });
  const http = openJellyfinHttp({ who: `Jellyfin "${name}"`, url: sim.url, authorization, clock });
  const sync = openJellyfinSync({ ...{ name, http, device, clock }, address: { url: sim.url } });
  t.teardown(async () => {
    await sync[Symbol.asyncDispose]();
    await http[Symbol.asyncDispose]();
  });
  const itemId = (film: string): string => {
    const item = sim.items.find((one) => one.name === film);
    if (item === undefined) throw new Error(`no film ${film} on ${name}`);
    return item.id;
  };
  return {
    ...{ name, sim, sync, itemId },
    has: (user, film) => sim.watched(user, itemId(film)),
    async logIn(user) {
      const named = `MediaBrowser Client="Test", Device="${user}", DeviceId="${user}-${name}", Version="1"`;
      const headers = { authorization: named, 'content-type': 'application/json' };
      const body = JSON.stringify({ Username: user, Pw: `${user}pw` });
      const answer = await fetch(`${sim.url}/Users/AuthenticateByName`, { method: 'POST', headers, body });
      if (answer.status !== 200) throw new Error(`${user} cannot log in at ${name}: ${answer.status}`);
      const { AccessToken: token, User: own } = (await answer.json()) as { AccessToken: string; User: { Id: string } };
      return {
        id: own.Id,
        async call(method, path, sent) {
          const given = await fetch(`${sim.url}${path}`, {
            ...{ method, headers: { ...headers, authorization: `${named}, Token="${token}"` } },
            ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
          });
          const text = await given.text();
          if (given.status >= 300) throw new Error(`${method} ${path}: ${given.status} ${text}`);
          return text === '' ? null : (JSON.parse(text) as unknown);
        },
      };
    },
  };
}

/** Rejects saying what was waited for. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, mostMs = 20_000): Promise<void> {
  const from = performance.now();
  while (!(await isSo())) {
    if (performance.now() - from > mostMs) throw new Error(`not within ${mostMs} ms: ${what}`);
    await wait(20);
  }
}
