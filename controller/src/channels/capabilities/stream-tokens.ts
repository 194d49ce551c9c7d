// Who may see channels, guide and playlist by an address alone: a named, read-only right for each consumer, which can be revoked.
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { ControllerError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { isSameToken, newTokenId, openToken, sealToken, tokenId } from './stream-token.ts';

export type StreamTokenTables = { stream_tokens: { id: string; name: string; created_at: number } };

/** `name` is fit for logs; the token itself is not in here. */
export type StreamToken = { readonly id: string; readonly name: string; readonly createdAt: number };

export type StreamTokens = {
  /** By name. From memory, as all readings here. */
  list(): readonly StreamToken[];
  /** The text for addresses, the same for ever. Never for a log. */
  textOf(token: Pick<StreamToken, 'id'>): string;
  /** Whose right this is; null where it is none, or none any more. */
  check(text: string): StreamToken | null;
  /** Whether it was made here, be it revoked since. */
  isOurs(text: string): boolean;
  /** @throws ControllerError conflict where the name is taken or there are too many. */
  add(name: string): Promise<StreamToken>;
  /** The one of this name, made if absent: for registering a media server again and again. */
  ensure(name: string): Promise<StreamToken>;
  /** @throws ControllerError not_found */
  remove(id: string): Promise<StreamToken>;
};

const MAX_TOKENS = 500;
// PostgreSQL gives a bigint as text.
const row = z
  .object({ id: z.string(), name: z.string(), created_at: z.coerce.number() })
  .transform((one): StreamToken => ({ id: one.id, name: one.name, createdAt: one.created_at }));

type Deps = {
  readonly tables: Kysely<StreamTokenTables>;
  /** Of openTokenKey. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** A right has just ended: its running streams are to end as well. */
  readonly onRemoved?: (token: StreamToken) => void;
};

/** Reads what an earlier run left. Changes are durable when they resolve. */
export async function openStreamTokens({ tables, key, clock, log, onRemoved = () => {} }: Deps): Promise<StreamTokens> {
  const rows = await tables.selectFrom('stream_tokens').select(['id', 'name', 'created_at']).execute();
  const known = new Map(rows.map((one) => row.parse(one)).map((token) => [token.id, token]));
  // Each request is checked, and a seal takes longer than the rest of the check. An id is never used again.
  const texts = new Map<string, string>();
  const textOf = (id: string): string => {
    const text = texts.get(id) ?? sealToken(key, id);
    if (known.has(id)) texts.set(id, text);
    return text;
  };
  const named = (name: string): StreamToken | undefined => known.values().find((token) => token.name === name);

  async function add(name: string): Promise<StreamToken> {
    if (known.size >= MAX_TOKENS)
      throw new ControllerError('conflict', `there are ${MAX_TOKENS} stream tokens already; revoke one first`);
    const token: StreamToken = { id: newTokenId(), name, createdAt: clock.now() };
    const result = await tables
      .insertInto('stream_tokens')
      .values({ id: token.id, name, created_at: token.createdAt })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    if (Number(result.numInsertedOrUpdatedRows ?? 0) === 0)
      throw new ControllerError('conflict', `a stream token named "${name}" exists already`);
    known.set(token.id, token);
    log.info({ name }, 'stream token made');
    return token;
  }
  return {
    list: () => [...known.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    textOf: ({ id }) => textOf(id),
    check(text) {
      const id = tokenId(text);
      const token = id === null ? undefined : known.get(id);
      return token !== undefined && isSameToken(text, textOf(token.id)) ? token : null;
    },
    isOurs: (text) => openToken(key, text) !== null,
    add,
    async ensure(name) {
      const there = named(name);
      if (there !== undefined) return there;
      return await add(name).catch((error: unknown) => {
        // Two at once: the other one's.
        const other = named(name);
        if (other === undefined) throw error;
        return other;
      });
    },
    async remove(id) {
      const token = known.get(id);
      if (token === undefined) throw new ControllerError('not_found', 'there is no such stream token');
      await tables.deleteFrom('stream_tokens').where('id', '=', id).execute();
      known.delete(id);
      texts.delete(id);
      log.info({ name: token.name }, 'stream token revoked');
      onRemoved(token);
      return token;
    },
  };
}
