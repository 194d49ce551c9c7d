// Transmission's RPC: the 409 handshake, Basic log-in, and a wrong password that is never tried twice.
import { type ZodType, z } from 'zod';
import type { Clock } from '../clock.ts';
import { ControllerError } from '../errors.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import type { HttpAnswer, HttpClient } from '../http-client/open-http-client.ts';
import { createSharedWork } from '../neighbours/shared-work.ts';
import { createStandingRefusal } from '../neighbours/standing-refusal.ts';
import { envelope } from './answers.ts';
import { failureOf } from './explain-answer.ts';

export type Credentials = { readonly username: string; readonly password: string } | null;

export type RpcCall<T> = {
  readonly method: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly schema: ZodType<T>;
};

export type Rpc = {
  /** Only for what may be sent twice. @throws ControllerError */
  call<T>(call: RpcCall<T>, signal: AbortSignal): Promise<T>;
  close(): void;
};

export type RpcOptions = {
  readonly name: string;
  readonly http: HttpClient;
  readonly credentials: Credentials;
  readonly clock: Clock;
};

/** How long a refusal that is no log-in stands before we look again; a look does no harm there. */
const lookAgainMs = 5 * 60_000;
/** A request without any log-in counts as a failed one up to 3.00, which locks everybody out after a hundred of them. */
const lookAgainWithoutLogInMs = 60 * 60_000;
const sessionHeader = 'x-transmission-session-id';

export const openRpc = ({ name, http, credentials, clock }: RpcOptions): Rpc => {
  const life = new AbortController();
  const authorization = authorizationOf(name, credentials);
  let sessionId: string | null = null;
  const refusal = createStandingRefusal(clock);

  const exchange = async (body: string, signal: AbortSignal): Promise<HttpAnswer> => {
    const answer = await http.request({
      method: 'POST',
      path: 'rpc',
      headers: {
        'content-type': 'application/json',
        ...(sessionId === null || sessionId === '' ? {} : { [sessionHeader]: sessionId }),
        ...(authorization === null ? {} : { authorization }),
      },
      body,
      repeatable: true,
      signal,
    });
    const given = answer.headers[sessionHeader];
    if (answer.status === 409 && typeof given === 'string') sessionId = given;
    if (answer.status === 401) throw refuseLogIn();
    const failure = answer.status === 409 ? null : failureOf(name, answer.status, answer.text);
    if (failure?.code === 'upstream_refused') throw refusal.keep(failure, lookAgainMs);
    if (failure !== null) throw failure;
    return answer;
  };
  const refuseLogIn = (): ControllerError =>
    authorization === null
      ? refusal.keep(
          new ControllerError('upstream_refused', `${name} wants a log-in, but no username is configured`),
          lookAgainWithoutLogInMs,
        )
      : refusal.keep(
          new ControllerError(
            'upstream_refused',
            `${name} refuses the username or password; not tried again until Headgate is started anew (too many wrong tries would lock everybody out)`,
          ),
          Infinity,
        );
  /** The first request goes alone: its 409 brings the session id, and shows that the log-in is right, as that is looked at before. */
  const greeting = createSharedWork(async () => {
    await exchange(JSON.stringify({ method: 'session-stats' }), life.signal);
    sessionId ??= ''; // one without this protection asks for none
  });
  return {
    call: async ({ method, schema, arguments: given }, signal) => {
      refusal.throwIfStands();
      if (sessionId === null) await greeting.join(signal);
      refusal.throwIfStands(); // by another's answer meanwhile
      const body = JSON.stringify({ method, arguments: given ?? {} });
      let answer = await exchange(body, signal);
      if (answer.status === 409) answer = await exchange(body, signal); // it was started anew, or an hour is over
      if (answer.status === 409)
        throw new ControllerError(
          'upstream_failed',
          `${name} does not know the session id that it gave us: is the X-Transmission-Session-Id header lost on the way?`,
        );
      const { result } = decodeJson(envelope, answer.text, `${name} ${method}`);
      if (result !== 'success') throw new ControllerError('upstream_failed', `${name} ${method}: ${result.slice(0, 200)}`);
      return decodeJson(z.object({ arguments: schema }), answer.text, `${name} ${method}`).arguments;
    },
    close: () => life.abort(),
  };
};

/** RFC 7617: UTF-8, and no colon in the name. */
const authorizationOf = (name: string, credentials: Credentials): string | null => {
  if (credentials === null) return null;
  const { username, password } = credentials;
  if (username.includes(':')) throw new ControllerError('config_invalid', `the username of ${name} must not hold a colon`);
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
};
