// Jellyfin's calls that Headgate makes, each checked at the door. Which exist, and what they refuse: facts/jellyfin.md.
import type * as z from 'zod';
import { ControllerError } from '../errors.ts';
import type { Players } from '../neighbours/media-server.ts';
import type { Send } from '../neighbours/only-while-accepted.ts';
import { type JellyfinHttp, type JellyfinHttpDeps, openJellyfinHttp } from './jellyfin-http.ts';
import {
  item,
  type MediaSource,
  networkConfiguration,
  type Policy,
  readableSessions,
  type Session,
  type SystemInfo,
  serverConfiguration,
  sessionList,
  systemInfo,
  userList,
  userWithPolicy,
} from './jellyfin-schemas.ts';
import { createPlayers } from './players.ts';

export type UserWithPolicy = { readonly Id: string; readonly Policy: Policy };

/** All calls throw ControllerError; `upstream_refused` is a key that is not accepted. */
export type JellyfinClient = AsyncDisposable & {
  /** With the base path, without a last slash. */
  readonly baseUrl: string;
  /** What all calls go through, for the clients beside this one. */
  readonly http: JellyfinHttp;
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
  /** The server's clock minus ours, ms, by its last answer; 0 while unknown or small. */
  clockOffsetMs(): number;
  /** How often it could not be reached so far: with another number, it may have been started anew. */
  outages(): number;
  /** Those that play here. */
  readonly players: Players;
};

const policyWriter = (send: Send, who: string) => async (userId: string, policy: Policy, signal: AbortSignal) => {
  const path = `/Users/${encodeURIComponent(userId)}/Policy`;
  const headers = { 'content-type': 'application/json' };
  await send({ method: 'POST', path, headers, body: JSON.stringify(policy), signal }).catch((error: unknown) => {
    if (!(error instanceof ControllerError) || error.code !== 'denied') throw error;
    // 403 with a valid key: the policy itself is refused, e.g. it would disable the last administrator.
    throw new ControllerError('upstream_failed', `${who} refuses the policy of user ${userId} (403)`, { cause: error });
  });
};

/** Opens a client; nothing is asked before the first call. @throws ControllerError config_invalid for a url or fingerprint that is none */
export const openJellyfinClient = (deps: JellyfinHttpDeps): JellyfinClient => {
  const http = openJellyfinHttp(deps);
  const read = <Schema extends z.ZodType>(schema: Schema, path: string, signal: AbortSignal) =>
    http.ask(schema, { path, signal });
  const id = encodeURIComponent;
  const sessions: JellyfinClient['sessions'] = async (signal) => readableSessions(await read(sessionList, '/Sessions', signal));
  const itemSources: JellyfinClient['itemSources'] = async (itemId, userId, signal) =>
    (await read(item, `/Items/${id(itemId)}?userId=${id(userId)}`, signal)).MediaSources ?? [];
  return {
    baseUrl: http.baseUrl,
    http,
    publicInfo: (signal) => read(systemInfo, '/System/Info/Public', signal),
    systemInfo: (signal) => read(systemInfo, '/System/Info', signal),
    sessions,
    itemSources,
    players: createPlayers({ sessions, itemSources, http, clock: deps.clock }),
    users: (signal) => read(userList, '/Users', signal),
    userWithPolicy: (userId, signal) => read(userWithPolicy, `/Users/${id(userId)}`, signal),
    writePolicy: policyWriter(http.send, deps.who),
    serverConfiguration: (signal) => read(serverConfiguration, '/System/Configuration', signal),
    networkConfiguration: (signal) => read(networkConfiguration, '/System/Configuration/network', signal),
    clockOffsetMs: http.clockOffsetMs,
    outages: http.outages,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
};
