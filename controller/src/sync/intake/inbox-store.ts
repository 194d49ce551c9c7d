// Hooks as they came: on the disk before they are acknowledged, taken in order, gone when they were worked on.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ControllerError } from '../../errors.ts';

/** `received_at`: UTC ms. */
export type InboxTables = { sync_inbox: { id: number; server: string; received_at: number; body: string } };

export type Hook = {
  readonly server: string;
  /** UTC ms, by our clock. */
  readonly receivedMs: number;
  /** What `readHook` kept of it. */
  readonly body: string;
};
/** `id` rises in the order of arrival. */
export type StoredHook = Hook & { readonly id: number };

export type InboxStore = {
  /** Durable when it resolves. @throws ControllerError storage_failed where the disk fails, or too many wait already */
  add(hook: Hook): Promise<void>;
  /** The oldest of a server that are not done; they stay until they are. */
  take(server: string, most: number): Promise<readonly StoredHook[]>;
  done(hooks: readonly Pick<StoredHook, 'id' | 'server'>[]): Promise<void>;
  /** How many wait, of one server or of all. From memory. */
  count(server?: string): number;
  /** Drops what is left of servers that are not kept the same any more; answers with how many. */
  keepOnly(servers: readonly string[]): Promise<number>;
};

/** At about 0.8 kB each, the file in memory that SQLite is here grows by 16 MB at the most. */
const MAX_WAITING = 20_000;
/** Of one transaction: a commit is one sync, however much is in it. */
const MAX_AT_ONCE = 256;
/** Rows of one statement: few sizes, so that there are few statements to prepare. */
const SIZES = [32, 16, 8, 4, 2, 1];

// PostgreSQL gives a bigint as text.
const stored = z
  .object({ id: z.coerce.number(), server: z.string(), received_at: z.coerce.number(), body: z.string() })
  .transform((row): StoredHook => ({ id: row.id, server: row.server, receivedMs: row.received_at, body: row.body }));
const summary = z.object({ server: z.string(), last: z.coerce.number(), waiting: z.coerce.number() });

type Added = { readonly hook: StoredHook; resolve(): void; reject(error: unknown): void };

/** Reads how much an earlier run left. @throws ControllerError storage_failed */
export async function openInboxStore(db: Kysely<InboxTables>, maxWaiting = MAX_WAITING): Promise<InboxStore> {
  const left = await db
    .selectFrom('sync_inbox')
    .select(({ fn }) => ['server', fn.max('id').as('last'), fn.countAll().as('waiting')])
    .groupBy('server')
    .execute();
  const counts = new Map<string, number>();
  let [lastId, total] = [0, 0];
  const recount = (server: string, by: number): void => {
    counts.set(server, (counts.get(server) ?? 0) + by);
    total += by;
  };
  for (const { server, last, waiting } of z.array(summary).parse(left)) {
    lastId = Math.max(lastId, last);
    recount(server, waiting);
  }
  const write = createGroups(db, (failed) => {
    for (const { hook } of failed) recount(hook.server, -1);
  });
  return {
    add(hook) {
      if (total >= maxWaiting) return Promise.reject(full(total));
      lastId += 1;
      recount(hook.server, 1);
      return write({ ...hook, id: lastId });
    },
    async take(server, most) {
      const rows = await db.selectFrom('sync_inbox').selectAll().where('server', '=', server).orderBy('id').limit(most).execute();
      return z.array(stored).parse(rows);
    },
    async done(hooks) {
      const deleted: (readonly [string, number])[] = [];
      await db.transaction().execute(async (inside) => {
        for (const [server, some] of Map.groupBy(hooks, (one) => one.server))
          for (const part of inSizes(some.map(({ id }) => id))) {
            const rows = inside.deleteFrom('sync_inbox').where('server', '=', server).where('id', 'in', part);
            deleted.push([server, Number((await rows.executeTakeFirst()).numDeletedRows)]);
          }
      });
      for (const [server, rows] of deleted) recount(server, -rows);
    },
    count: (server) => (server === undefined ? total : (counts.get(server) ?? 0)),
    async keepOnly(servers) {
      let dropped = 0;
      for (const [server, waiting] of counts) {
        if (servers.includes(server) || waiting === 0) continue;
        const result = await db.deleteFrom('sync_inbox').where('server', '=', server).executeTakeFirst();
        recount(server, -waiting);
        dropped += Number(result.numDeletedRows);
      }
      return dropped;
    },
  };
}

/** Hooks that arrive while others are written share the next transaction. */
function createGroups(db: Kysely<InboxTables>, onFailed: (added: readonly Added[]) => void): (hook: StoredHook) => Promise<void> {
  const waiting: Added[] = [];
  let writing = false;
  const flush = async (): Promise<void> => {
    if (writing) return;
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.splice(0, MAX_AT_ONCE);
      try {
        await insert(
          db,
          group.map(({ hook }) => hook),
        );
        for (const { resolve } of group) resolve();
      } catch (error) {
        onFailed(group);
        for (const { reject } of group) reject(error);
      }
    }
    writing = false;
  };
  return (hook) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ hook, resolve, reject });
      void flush();
    });
}

async function insert(db: Kysely<InboxTables>, hooks: readonly StoredHook[]): Promise<void> {
  const rows = hooks.map(({ id, server, receivedMs, body }) => ({ id, server, received_at: receivedMs, body }));
  if (rows.length === 1) return void (await db.insertInto('sync_inbox').values(rows).execute());
  await db.transaction().execute(async (inside) => {
    for (const part of inSizes(rows)) await inside.insertInto('sync_inbox').values(part).execute();
  });
}

function inSizes<One>(all: readonly One[]): readonly (readonly One[])[] {
  const parts: (readonly One[])[] = [];
  for (let at = 0; at < all.length; ) {
    const size = SIZES.find((one) => one <= all.length - at) ?? 1;
    parts.push(all.slice(at, at + size));
    at += size;
  }
  return parts;
}

const full = (waiting: number): ControllerError =>
  new ControllerError('storage_failed', `${waiting} hooks wait to be worked on; no more are taken until there are fewer`);
