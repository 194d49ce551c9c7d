// Our sync as the program has it, over a database folder of its own, in this process: it can be cut off at any moment, as by a crash.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { authorizationHeader } from '../../../src/jellyfin/authorization.ts';
import { type JellyfinHttp, openJellyfinHttp } from '../../../src/jellyfin/jellyfin-http.ts';
import { openSyncedServer } from '../../../src/jellyfin/sync/open-synced-server.ts';
import type { Log } from '../../../src/log.ts';
import { createIndexFiles } from '../../../src/sync/index/index-files.ts';
import { createItemIndex } from '../../../src/sync/index/item-index.ts';
import { type InboxTables, openInboxStore, type StoredHook } from '../../../src/sync/intake/inbox-store.ts';
import { readHook, uselessBecause } from '../../../src/sync/intake/webhook-payload.ts';
import { createLearnItem } from '../../../src/sync/learn-item.ts';
import { openPeople, type PeopleTables } from '../../../src/sync/people/people.ts';
import { openIds } from '../../../src/sync/state/ids.ts';
import { isOpen } from '../../../src/sync/state/past.ts';
import { readShadow } from '../../../src/sync/state/state-store.ts';
import type { SyncTables } from '../../../src/sync/state/sync-tables.ts';
import { createSync, type Sync } from '../../../src/sync/sync-service.ts';
import type { ModelServer } from './model-servers.ts';
import { type Kept, placeKey, type Recorder } from './recorder.ts';

export type ModelController = {
  readonly sync: Sync;
  readonly db: Kysely<SyncTables>;
  /** False: it is not there any more, or would not have it. */
  hear(server: string, body: string): Promise<boolean>;
  identityOf(server: string, itemId: string): string | null;
  /** Hooks that nobody worked on yet. */
  waiting(): number;
  /** From this moment it does nothing any more; its folder is copied as it stands. */
  crash(to: string): Promise<void>;
  end(): Promise<void>;
};

export type ControllerOptions = {
  readonly folder: string;
  readonly servers: readonly ModelServer[];
  readonly recorder: Recorder;
  readonly quickMs: number;
  readonly log: Log;
  /** Takes its time, as a busy machine does, wherever questions, answers and hooks go by. */
  readonly delay: () => Promise<void>;
};

const PATHS = { pathMaps: [], policies: [] };

export async function openModelController(options: ControllerOptions): Promise<ModelController> {
  const { folder, servers, recorder, log, delay } = options;
  const clock = systemClock;
  const life = new AbortController();
  const database = await openDatabase({ path: folder, log, clock, migrations, compactAfterStatements: 3_000 });
  const db = database.tables<SyncTables>();
  recorder.begun(await keptIn(db));
  const https = servers.map((server) =>
    openJellyfinHttp({ who: server.name, url: server.sim.url, authorization: keyOf(server), clock }),
  );
  const synced = servers.map((server, n) => {
    const http = https[n];
    if (http === undefined) throw new Error('as many as there are servers');
    return openSyncedServer({
      http: { ...http, send: cutOff(http, server, { recorder, delay }, life.signal) },
      name: server.name,
      clock,
    });
  });
  const index = createItemIndex({
    files: createIndexFiles(join(folder, 'sync-index')),
    ...PATHS,
    clock,
    log,
    signal: life.signal,
  });
  await index.load(servers.map(({ name }) => name));
  const people = await openPeople(database.tables<PeopleTables>(), { map: {}, skipped: ['admin'] });
  const inbox = await openInboxStore(database.tables<InboxTables>());
  const taken = new Map<number, StoredHook>();
  const sync = createSync({
    ...{ db, people, index, clock, log, servers: synced },
    // Holds nothing: it is the place where each saying goes by.
    guard: {
      async weigh(tx, weighed) {
        recorder.said(weighed, (await readShadow(tx, weighed.place))?.past ?? []);
        return [];
      },
      heldAt: async () => [],
    },
    inbox: {
      ...inbox,
      async take(server, most) {
        const hooks = await inbox.take(server, most);
        for (const hook of hooks) taken.set(hook.id, hook);
        return hooks;
      },
      async done(hooks) {
        await inbox.done(hooks);
        const whole = hooks.flatMap(({ id }) => taken.get(id) ?? []);
        recorder.hooksDone(whole);
        for (const { id } of hooks) taken.delete(id);
      },
    },
    learn: createLearnItem({ index, server: (name) => synced.find((one) => one.name === name) ?? null, pathMaps: [] }),
    settings: {
      ...PATHS,
      directions: new Map(servers.map(({ name }) => [name, 'both'])),
      kinds: { progress: true, watched: true, favourites: true, ratings: true },
      ...{ progressDebounceMs: 0, maxRetries: 8, retryDelayMs: 5, quickMs: options.quickMs, fullMs: 3_600_000, dryRun: false },
      endsMs: 0,
    },
    newId: await openIds(db),
    isPlaying: ({ server, userId, itemId }) => servers.some((one) => one.name === server && one.isPlaying(userId, itemId)),
  });
  const { oursOf, skew } = sync.clocks;
  Object.assign(sync.clocks, {
    oursOf(server: string, utcMs: number, receivedMs: number) {
      const oursMs = oursOf(server, utcMs, receivedMs);
      recorder.dated(server, utcMs, { oursMs, sureMs: skew(server)?.plusMinusMs ?? Number.POSITIVE_INFINITY });
      return oursMs;
    },
  });
  const running = sync.run(life.signal);
  const end = async (): Promise<void> => {
    life.abort();
    await running;
    await Promise.all(https.map((http) => http[Symbol.asyncDispose]()));
    await database[Symbol.asyncDispose]();
  };
  return {
    ...{ sync, db, end },
    identityOf: index.identityOf,
    waiting: () => inbox.count(),
    async hear(server, body) {
      await delay();
      const read = readHook(body);
      if (life.signal.aborted || 'problem' in read || uselessBecause(read.ok.report) !== null) return false;
      if (sync.isEcho(server, read.ok.report)) return true;
      await inbox.add({ server, receivedMs: clock.now(), body: read.ok.kept });
      sync.hookCame(server);
      // Whoever is gone has acknowledged nothing.
      return !life.signal.aborted;
    },
    async crash(to) {
      life.abort();
      recorder.crashed();
      await copyAsItStands(folder, to);
      await end();
    },
  };
}

async function keptIn(db: Kysely<SyncTables>): Promise<ReadonlyMap<string, Kept>> {
  const kept = new Map<string, Kept>();
  for (const row of await db.selectFrom('sync_shadows').select(['server', 'user_id', 'item_id']).execute()) {
    const place = { server: row.server, userId: row.user_id, itemId: row.item_id };
    const shadow = await readShadow(db, place);
    if (shadow === null) continue;
    const { seen, readMs, past } = shadow;
    kept.set(placeKey(place.server, place.userId, place.itemId), { seen, readMs: readMs ?? 0, isOpen: past.some(isOpen) });
  }
  return kept;
}

const keyOf = ({ sim }: ModelServer): string =>
  authorizationHeader({ apiKey: sim.apiKey, deviceId: 'model', deviceName: 'model', clientName: 'Headgate', version: '1' });

/** What is asked after the end is never sent, and what comes after it is not heard. */
function cutOff(
  http: JellyfinHttp,
  server: ModelServer,
  { recorder, delay }: Pick<ControllerOptions, 'recorder' | 'delay'>,
  life: AbortSignal,
): JellyfinHttp['send'] {
  return async (request) => {
    await delay();
    life.throwIfAborted();
    const told = recorder.asks(server, request);
    try {
      const answer = await http.send(request);
      await delay();
      told(life.aborted);
      life.throwIfAborted();
      return answer;
    } catch (error) {
      told(true);
      life.throwIfAborted();
      throw error;
    }
  };
}

async function copyAsItStands(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries += 1)
    try {
      return await cp(from, to, { recursive: true });
    } catch (error) {
      if (tries === 20 || !(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      await rm(to, { recursive: true, force: true });
    }
}
