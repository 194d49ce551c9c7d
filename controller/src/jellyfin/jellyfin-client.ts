// Jellyfin's calls that Headgate makes, each checked at the door. Which exist, and what they refuse: facts/jellyfin.md.
import type * as z from 'zod';
import { ControllerError } from '../errors.ts';
import { bodyFailure } from './failures.ts';
import { type Exchange, type ExchangeDeps, openExchange } from './http-exchange.ts';
import {
  item,
  type MediaSource,
  networkConfiguration,
  type Policy,
  type Session,
  type SystemInfo,
  serverConfiguration,
  session,
  sessionList,
  systemInfo,
  userList,
  userWithPolicy,
} from './jellyfin-schemas.ts';

export type UserWithPolicy = { readonly Id: string; readonly Policy: Policy };

/** All calls throw ControllerError; `upstream_refused` is a key that is not accepted. */
export type JellyfinClient = AsyncDisposable & {
  /** Works without a key. @throws ServerStarting */
  publicInfo(signal: AbortSignal): Promise<SystemInfo>;
  /** Needs the key. */
  systemInfo(signal: AbortSignal): Promise<SystemInfo>;
  sessions(signal: AbortSignal): Promise<readonly Session[]>;
  /** The files of an item, as the user may see them: a key alone is answered with 400. */
  itemSources(itemId: string, userId: string, signal: AbortSignal): Promise<readonly MediaSource[]>;
  users(signal: AbortSignal): Promise<z.infer<typeof userList>>;
  /** A user and the whole policy: there is no GET for a policy (405). */
  userWithPolicy(userId: string, signal: AbortSignal): Promise<UserWithPolicy>;
  /** Replaces the whole policy; last writer wins. */
  writePolicy(userId: string, policy: Policy, signal: AbortSignal): Promise<void>;
  serverConfiguration(signal: AbortSignal): Promise<z.infer<typeof serverConfiguration>>;
  networkConfiguration(signal: AbortSignal): Promise<z.infer<typeof networkConfiguration>>;
  clockOffsetMs(): number;
};

/** Keeps the sessions that can be read: one odd entry (a plug-in's, a newer version's) must not hide the others. */
export const readableSessions = (list: readonly unknown[]): readonly Session[] =>
  list.flatMap((entry) => {
    const parsed = session.safeParse(entry);
    return parsed.success ? [parsed.data] : [];
  });

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const reader = (exchange: Exchange, who: string) => {
  return async <Schema extends z.ZodType>(schema: Schema, path: string, signal: AbortSignal): Promise<z.infer<Schema>> => {
    const doing = `GET ${path.split('?', 1)[0]}`;
    const answer = await exchange.send('GET', path, { signal });
    const body = parseJson(answer.text);
    if (body === undefined || !answer.isJson) {
      const detail = 'no JSON; is the path in its url right?';
      throw bodyFailure(who, doing, { body, detail });
    }
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const detail = `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`;
    throw bodyFailure(who, doing, { body, detail, cause: parsed.error });
  };
};

/** Opens a client; nothing is asked before the first call. */
export const openJellyfinClient = (deps: ExchangeDeps): JellyfinClient => {
  const exchange = openExchange(deps);
  const read = reader(exchange, deps.who);
  const id = encodeURIComponent;
  return {
    publicInfo: (signal) => read(systemInfo, '/System/Info/Public', signal),
    systemInfo: (signal) => read(systemInfo, '/System/Info', signal),
    sessions: async (signal) => readableSessions(await read(sessionList, '/Sessions', signal)),
    itemSources: async (itemId, userId, signal) =>
      (await read(item, `/Items/${id(itemId)}?userId=${id(userId)}`, signal)).MediaSources ?? [],
    users: (signal) => read(userList, '/Users', signal),
    userWithPolicy: (userId, signal) => read(userWithPolicy, `/Users/${id(userId)}`, signal),
    async writePolicy(userId, policy, signal) {
      await exchange.send('POST', `/Users/${id(userId)}/Policy`, { body: policy, signal }).catch((error: unknown) => {
        if (!(error instanceof ControllerError) || error.code !== 'denied') throw error;
        // 403 with a valid key: the policy itself is refused, e.g. it would disable the last administrator.
        throw new ControllerError('upstream_failed', `${deps.who} refuses the policy of user ${userId} (403)`, { cause: error });
      });
    },
    serverConfiguration: (signal) => read(serverConfiguration, '/System/Configuration', signal),
    networkConfiguration: (signal) => read(networkConfiguration, '/System/Configuration/network', signal),
    clockOffsetMs: () => exchange.clockOffsetMs(),
    [Symbol.asyncDispose]: () => exchange[Symbol.asyncDispose](),
  };
};
