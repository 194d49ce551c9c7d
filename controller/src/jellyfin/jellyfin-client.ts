// Jellyfin's calls that Headgate makes, each checked at the door. Which exist, and what they refuse: facts/jellyfin.md.
import type * as z from 'zod';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { parseJson } from '../http-client/parse-json.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import { onlyWhileAccepted, type Send } from '../neighbours/only-while-accepted.ts';
import { createClockOffset } from './clock-offset.ts';
import { bodyFailure, statusFailure } from './failures.ts';
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

/** 200 sessions with long queues are about 10 MB (10.11 sends whole queue items). */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Four writes, a poll, users and an item at once. */
const CONNECTIONS = 8;
const DEFAULT_TIMEOUT_MS = 10_000;

export type UserWithPolicy = { readonly Id: string; readonly Policy: Policy };

/** All calls throw ControllerError; `upstream_refused` is a key that is not accepted. */
export type JellyfinClient = AsyncDisposable & {
  /** With the base path, without a last slash. */
  readonly baseUrl: string;
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
};

export type JellyfinClientDeps = {
  /** For messages: `Jellyfin "main"`. */
  readonly who: string;
  readonly url: string;
  readonly authorization: string;
  readonly tls?: TlsTrust | undefined;
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
};

/** How long a refused key rests: an administrator may have made it valid again. */
export const REFUSED_MS = 15 * 60_000;
/** So that the watch's own look comes after it. */
const EARLIER_MS = 60_000;

const reader = (send: Send, who: string) => {
  return async <Schema extends z.ZodType>(schema: Schema, path: string, signal: AbortSignal): Promise<z.infer<Schema>> => {
    const doing = `GET ${path.split('?', 1)[0]}`;
    const body = parseJson((await send({ path, signal })).text);
    if (body === undefined) throw bodyFailure(who, doing, { body, detail: 'no JSON; is the path in its url right?' });
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const detail = `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`;
    throw bodyFailure(who, doing, { body, detail, cause: parsed.error });
  };
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
export const openJellyfinClient = (deps: JellyfinClientDeps): JellyfinClient => {
  const { who, url, tls, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const http = openHttpClient({ name: who, url, tls, timeoutMs, maxBodyBytes: MAX_BODY_BYTES, connections: CONNECTIONS });
  const offset = createClockOffset(deps.clock);
  let outages = 0;
  const ask: Send = async (request) => {
    const headers = { authorization: deps.authorization, accept: 'application/json', ...request.headers };
    const answer = await http.request({ ...request, headers }).catch((error: unknown) => {
      outages += 1;
      throw error;
    });
    const { date } = answer.headers;
    if (typeof date === 'string') offset.note(date);
    if (answer.status >= 200 && answer.status <= 299) return answer;
    if (answer.status >= 502) outages += 1;
    throw statusFailure(who, `${request.method ?? 'GET'} ${request.path.split('?', 1)[0]}`, answer.status);
  };
  const send = onlyWhileAccepted(ask, REFUSED_MS - EARLIER_MS, deps.clock);
  const read = reader(send, who);
  const id = encodeURIComponent;
  return {
    baseUrl: http.baseUrl,
    publicInfo: (signal) => read(systemInfo, '/System/Info/Public', signal),
    systemInfo: (signal) => read(systemInfo, '/System/Info', signal),
    sessions: async (signal) => readableSessions(await read(sessionList, '/Sessions', signal)),
    itemSources: async (itemId, userId, signal) =>
      (await read(item, `/Items/${id(itemId)}?userId=${id(userId)}`, signal)).MediaSources ?? [],
    users: (signal) => read(userList, '/Users', signal),
    userWithPolicy: (userId, signal) => read(userWithPolicy, `/Users/${id(userId)}`, signal),
    writePolicy: policyWriter(send, who),
    serverConfiguration: (signal) => read(serverConfiguration, '/System/Configuration', signal),
    networkConfiguration: (signal) => read(networkConfiguration, '/System/Configuration/network', signal),
    clockOffsetMs: offset.ms,
    outages: () => outages,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
};
