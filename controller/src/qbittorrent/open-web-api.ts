// One authenticated session with qBittorrent's web API: logs in when told 403, once, and never tries a wrong password twice.
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import type { HttpAnswer, HttpClient } from '../http-client/open-http-client.ts';
import { createSessionCookies } from '../http-client/session-cookies.ts';
import { createSharedWork } from '../neighbours/shared-work.ts';
import { createStandingRefusal } from '../neighbours/standing-refusal.ts';
import { failureOf, logInOutcome } from './explain-answer.ts';

/** `none` fits a qBittorrent that lets this address in by itself. A key needs 5.2. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'key'; readonly apiKey: string };

export type WebApi = {
  /** Body of a 2xx. Paths are those below /api/v2/. @throws ControllerError */
  get(path: string, signal: AbortSignal): Promise<string>;
  /** As get; the fields go as a form. Only for what may be sent twice. */
  post(path: string, fields: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string>;
  /** Grows with each log-in: qBittorrent forgets its sessions when it restarts. */
  sessions(): number;
  close(): void;
};

export type WebApiOptions = {
  readonly name: string;
  readonly http: HttpClient;
  readonly credentials: Credentials;
  readonly clock: Clock;
};

/** How long a refusal that is no wrong password stands before we look again. A try while banned does not lengthen the ban. */
const lookAgainMs = 5 * 60_000;
/** Checking a password is 100,000 rounds of PBKDF2: seconds on a small busy box. A try given up on would count as wrong all the same. */
const logInTimeoutMs = 30_000;

export const openWebApi = ({ name, http, credentials, clock }: WebApiOptions): WebApi => {
  const exchange = createExchange(http, credentials);
  const life = new AbortController();
  let sessions = 0;
  const refusal = createStandingRefusal(clock);

  const refuse = (sentence: string, forMs: number): ControllerError =>
    refusal.keep(new ControllerError('upstream_refused', `${name} ${sentence}`), forMs);
  const logIn = async (): Promise<void> => {
    if (credentials.kind !== 'password') return;
    const { username, password } = credentials;
    const answer = await exchange('auth/login', { username, password }, life.signal);
    const outcome = logInOutcome(answer.status, answer.text);
    if (outcome === 'wrong password')
      throw refuse(
        'refuses the username or password; not tried again until Headgate is started anew (five wrong tries would lock us out)',
        Infinity,
      );
    if (outcome === 'banned')
      throw refuse('has banned this address after too many failed log-ins (for an hour unless set otherwise)', lookAgainMs);
    if (outcome === 'not qBittorrent') {
      throw (
        failureOf(name, 'auth/login', answer.status) ??
        new ControllerError('upstream_failed', `${name} does not answer a log-in as qBittorrent does`)
      );
    }
    sessions += 1;
  };
  /** For all who were told 403; not cut short by one caller's signal, as a try counts. */
  const loggingIn = createSharedWork(logIn);
  const enter = async (seen: number, signal: AbortSignal): Promise<void> => {
    if (credentials.kind === 'none') throw refuse('wants a log-in, but no username is configured', lookAgainMs);
    if (credentials.kind === 'key') throw refuse('refuses the API key', lookAgainMs);
    refusal.throwIfStands(); // by a log-in that ended while our own 403 was on its way
    if (seen !== sessions) return;
    await loggingIn.join(signal);
  };
  const send = async (path: string, fields: Readonly<Record<string, string>> | null, signal: AbortSignal): Promise<string> => {
    refusal.throwIfStands();
    const seen = sessions;
    let answer = await exchange(path, fields, signal);
    if (answer.status === 403) {
      await enter(seen, signal);
      answer = await exchange(path, fields, signal);
      if (answer.status === 403)
        throw new ControllerError(
          'upstream_failed',
          `${name} took our log-in but does not know us: are cookies lost on the way?`,
        );
    }
    const failure = failureOf(name, path, answer.status);
    if (failure !== null) throw failure;
    return answer.text;
  };
  return {
    get: (path, signal) => send(path, null, signal),
    post: (path, fields, signal) => send(path, fields, signal),
    sessions: () => sessions,
    close: () => life.abort(),
  };
};

type Exchange = (path: string, fields: Readonly<Record<string, string>> | null, signal: AbortSignal) => Promise<HttpAnswer>;

/** One request with whatever proves who we are. Without log-in each request that brings no cookie would start a session: cookies go there too. */
const createExchange = (http: HttpClient, credentials: Credentials): Exchange => {
  const cookies = createSessionCookies();
  return async (path, fields, signal) => {
    const cookie = cookies.header();
    const answer = await http.request({
      method: fields === null ? 'GET' : 'POST',
      path: `api/v2/${path}`,
      // Neither Origin nor Referer: a missing one passes, a wrong one (ours would be, behind a proxy) is 401.
      headers: {
        ...(fields === null ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(credentials.kind === 'key' ? { authorization: `Bearer ${credentials.apiKey}` } : {}),
        ...(cookie === null ? {} : { cookie }),
      },
      ...(fields === null ? {} : { body: new URLSearchParams(fields).toString() }),
      ...(path === 'auth/login' ? { timeoutMs: logInTimeoutMs, repeatable: false } : { repeatable: true }),
      signal,
    });
    cookies.take(answer.headers['set-cookie']);
    return answer;
  };
};
