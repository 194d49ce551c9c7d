// Log-ins and API tokens in the database. It sees digests only, never what was handed to a browser or a script.
import type { Kysely } from 'kysely';
import { z } from 'zod';

/** Times are UTC ms. */
export type HttpTables = {
  http_sessions: { digest: string; created_at: number; expires_at: number };
  http_tokens: { id: string; name: string; digest: string; scope: string; created_at: number };
};

export type Scope = 'read' | 'write';
export type StoredToken = { readonly id: string; readonly name: string; readonly scope: Scope; readonly createdAt: number };

/** The oldest log-in gives way: a script that logs in at each call must not fill the disk. */
const MAX_SESSIONS = 500;

// PostgreSQL gives a bigint as text.
const tokenRow = z
  .object({ id: z.string(), name: z.string(), scope: z.enum(['read', 'write']), created_at: z.coerce.number() })
  .transform((row): StoredToken => ({ id: row.id, name: row.name, scope: row.scope, createdAt: row.created_at }));

export type AuthStore = ReturnType<typeof createAuthStore>;

export function createAuthStore(tables: Kysely<HttpTables>) {
  const tokens = () => tables.selectFrom('http_tokens').select(['id', 'name', 'scope', 'created_at']);
  return {
    async addSession(digest: string, createdAt: number, expiresAt: number): Promise<void> {
      await tables.transaction().execute(async (inside) => {
        await inside.deleteFrom('http_sessions').where('expires_at', '<=', createdAt).execute();
        const newestFirst = inside.selectFrom('http_sessions').select('digest').orderBy('created_at', 'desc').orderBy('digest');
        const tooMany = (await newestFirst.execute()).slice(MAX_SESSIONS - 1).map((row) => row.digest);
        if (tooMany.length > 0) await inside.deleteFrom('http_sessions').where('digest', 'in', tooMany).execute();
        await inside.insertInto('http_sessions').values({ digest, created_at: createdAt, expires_at: expiresAt }).execute();
      });
    },
    async hasSession(digest: string, now: number): Promise<boolean> {
      const row = await tables
        .selectFrom('http_sessions')
        .select('digest')
        .where('digest', '=', digest)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return row !== undefined;
    },
    async removeSession(digest: string): Promise<void> {
      await tables.deleteFrom('http_sessions').where('digest', '=', digest).execute();
    },

    /** False where the name is taken. */
    async addToken(token: StoredToken, digest: string): Promise<boolean> {
      const result = await tables
        .insertInto('http_tokens')
        .values({ id: token.id, name: token.name, scope: token.scope, created_at: token.createdAt, digest })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst();
      return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
    },
    async findToken(digest: string): Promise<StoredToken | null> {
      const row = await tokens().where('digest', '=', digest).executeTakeFirst();
      return row === undefined ? null : tokenRow.parse(row);
    },
    async listTokens(): Promise<readonly StoredToken[]> {
      return tokenRow.array().parse(await tokens().orderBy('name').execute());
    },
    /** False where there is none of this id. */
    async removeToken(id: string): Promise<boolean> {
      const result = await tables.deleteFrom('http_tokens').where('id', '=', id).executeTakeFirst();
      return Number(result.numDeletedRows) > 0;
    },
  };
}
