// Plex's calls that Headgate makes, each checked at the door. Which exist, and what they refuse: README.md.
import type * as z from 'zod';
import type { Clock } from '../clock.ts';
import { openHttpClient } from '../http-client/open-http-client.ts';
import { parseJson } from '../http-client/parse-json.ts';
import type { TlsTrust } from '../http-client/tls-trust.ts';
import { onlyWhileAccepted, type Send } from '../neighbours/only-while-accepted.ts';
import { bodyFailure, notPlex, statusFailure } from './failures.ts';
import {
  capabilitiesAnswer,
  identityAnswer,
  preferencesAnswer,
  readableSessions,
  type Session,
  sessionsAnswer,
} from './plex-schemas.ts';

/** A session with all its tracks, roles and tags is up to 50 kB. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** A poll, a change of the preference and a check at once. */
const CONNECTIONS = 3;
const DEFAULT_TIMEOUT_MS = 10_000;

/** How long a refused token rests. A Plex bans nobody for it, and one that has just started may refuse a good one until it has reached plex.tv. */
export const REFUSED_MS = 30_000;
/** So that the watch's own look comes after it. */
const EARLIER_MS = 2_000;

/** All calls throw ControllerError; `upstream_refused` is a token that is not accepted. */
export type PlexClient = AsyncDisposable & {
  /** With the base path, without a last slash. */
  readonly baseUrl: string;
  /** Works without a token. @throws ControllerError upstream_failed where no Plex answers */
  identity(signal: AbortSignal): Promise<{ readonly version: string }>;
  friendlyName(signal: AbortSignal): Promise<string | null>;
  /** Only the owner's token may ask. */
  sessions(signal: AbortSignal): Promise<readonly Session[]>;
  /** As the server writes it; undefined where it has no such preference. */
  preference(id: string, signal: AbortSignal): Promise<unknown>;
  setPreference(id: string, value: number, signal: AbortSignal): Promise<void>;
};

export type PlexClientDeps = {
  /** For messages: `Plex "cinema"`. */
  readonly who: string;
  readonly url: string;
  /** Token and names of ours. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: TlsTrust | undefined;
  readonly timeoutMs?: number | undefined;
  readonly clock: Clock;
};

const reader = (send: Send, who: string) => {
  return async <Schema extends z.ZodType>(schema: Schema, path: string, signal: AbortSignal): Promise<z.infer<Schema>> => {
    const doing = `GET ${path}`;
    const { text } = await send({ path, signal });
    const body = parseJson(text);
    if (body === undefined) throw bodyFailure(who, doing, text, 'no JSON; is the path in its url right?');
    const parsed = schema.safeParse(body);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw bodyFailure(who, doing, text, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`);
  };
};

/** Opens a client; nothing is asked before the first call. @throws ControllerError config_invalid for a url or fingerprint that is none */
export const openPlexClient = ({ who, url, headers, tls, timeoutMs = DEFAULT_TIMEOUT_MS, clock }: PlexClientDeps): PlexClient => {
  const http = openHttpClient({ name: who, url, tls, timeoutMs, maxBodyBytes: MAX_BODY_BYTES, connections: CONNECTIONS });
  const ask: Send = async (request) => {
    const answer = await http.request({ ...request, headers });
    if (answer.status >= 200 && answer.status <= 299) return answer;
    throw statusFailure(who, `${request.method ?? 'GET'} ${request.path}`, answer.status);
  };
  const send = onlyWhileAccepted(ask, REFUSED_MS - EARLIER_MS, clock);
  const read = reader(send, who);
  return {
    baseUrl: http.baseUrl,
    async identity(signal) {
      const { status, text } = await http.request({ path: '/identity', headers, signal });
      if (status >= 500) throw statusFailure(who, 'GET /identity', status);
      const parsed = identityAnswer.safeParse(parseJson(text));
      if (status !== 200 || !parsed.success) throw notPlex(who, text, status);
      return parsed.data.MediaContainer;
    },
    friendlyName: async (signal) => (await read(capabilitiesAnswer, '/', signal)).MediaContainer.friendlyName ?? null,
    async sessions(signal) {
      const { size, Metadata: entries } = (await read(sessionsAnswer, '/status/sessions', signal)).MediaContainer;
      const sessions = readableSessions(entries);
      // To believe this would be to let go of everybody who watches.
      if (sessions.length === 0 && ((size ?? 0) > 0 || entries.length > 0)) {
        throw bodyFailure(who, 'GET /status/sessions', '', `${size ?? entries.length} sessions, none of which can be read`);
      }
      return sessions;
    },
    async preference(id, signal) {
      const { Setting: settings } = (await read(preferencesAnswer, '/:/prefs', signal)).MediaContainer;
      return settings.find((setting) => setting.id === id)?.value;
    },
    async setPreference(id, value, signal) {
      await send({ method: 'PUT', path: '/:/prefs', query: { [id]: value }, signal });
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  };
};
