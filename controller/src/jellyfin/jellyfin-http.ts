// How every call to a Jellyfin goes out and is checked at the door: one pool, one key that rests when refused, one count of outages.
import type * as z from 'zod';
import type { Clock } from '../clock.ts';
import { type HttpRequest, openHttpClient } from '../http-client/open-http-client.ts';
import { parseJson } from '../http-client/parse-json.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import { onlyWhileAccepted, type Send } from '../neighbours/only-while-accepted.ts';
import { createClockOffset } from './clock-offset.ts';
import { bodyFailure, statusFailure } from './failures.ts';

/** 200 sessions with long queues are about 10 MB (10.11 sends whole queue items). */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Four writes, a poll, users and an item at once. */
const CONNECTIONS = 8;
const DEFAULT_TIMEOUT_MS = 10_000;

/** How long a refused key rests: an administrator may have made it valid again. */
export const REFUSED_MS = 15 * 60_000;
/** So that the watch's own look comes after it. */
const EARLIER_MS = 60_000;

/** All calls throw ControllerError; `upstream_refused` is a key that is not accepted. */
export type JellyfinHttp = AsyncDisposable & {
  /** For messages: `Jellyfin "main"`. */
  readonly who: string;
  /** With the base path, without a last slash. */
  readonly baseUrl: string;
  /** Holds the key: for headers, never for a log. */
  readonly authorization: string;
  /** Answers of 2xx only. */
  readonly send: Send;
  /** JSON that fits the schema. */
  ask<Schema extends z.ZodType>(schema: Schema, request: HttpRequest): Promise<z.infer<Schema>>;
  /** The server's clock minus ours, ms, by its last answer; 0 while unknown or small. */
  clockOffsetMs(): number;
  /** How often it could not be reached so far: with another number, it may have been started anew. */
  outages(): number;
};

export type JellyfinHttpDeps = {
  readonly who: string;
  readonly url: string;
  readonly authorization: string;
  readonly tls?: TlsTrust | undefined;
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
};

const doingOf = (request: HttpRequest): string => `${request.method ?? 'GET'} ${request.path.split('?', 1)[0]}`;

const asker =
  (send: Send, who: string): JellyfinHttp['ask'] =>
  async (schema, request) => {
    const doing = doingOf(request);
    const body = parseJson((await send(request)).text);
    if (body === undefined) throw bodyFailure(who, doing, { body, detail: 'no JSON; is the path in its url right?' });
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const detail = `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`;
    throw bodyFailure(who, doing, { body, detail, cause: parsed.error });
  };

/** Nothing is asked before the first call. @throws ControllerError config_invalid for a url or fingerprint that is none */
export const openJellyfinHttp = (deps: JellyfinHttpDeps): JellyfinHttp => {
  const { who, url, tls, authorization, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const http = openHttpClient({ name: who, url, tls, timeoutMs, maxBodyBytes: MAX_BODY_BYTES, connections: CONNECTIONS });
  const offset = createClockOffset(deps.clock);
  let outages = 0;
  const request: Send = async (given) => {
    const headers = { authorization, accept: 'application/json', ...given.headers };
    const answer = await http.request({ ...given, headers }).catch((error: unknown) => {
      outages += 1;
      throw error;
    });
    const { date } = answer.headers;
    if (typeof date === 'string') offset.note(date);
    if (answer.status >= 200 && answer.status <= 299) return answer;
    if (answer.status >= 502) outages += 1;
    throw statusFailure(who, doingOf(given), answer.status);
  };
  const send = onlyWhileAccepted(request, REFUSED_MS - EARLIER_MS, deps.clock);
  return {
    who,
    baseUrl: http.baseUrl,
    authorization,
    send,
    ask: asker(send, who),
    clockOffsetMs: offset.ms,
    outages: () => outages,
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
};
