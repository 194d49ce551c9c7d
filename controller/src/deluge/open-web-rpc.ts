// One session with deluge-web: JSON-RPC at /json, logged in when told so, once, and never with a wrong password twice.
import { ControllerError } from '../errors.ts';
import { decodeJson } from '../http-client/decode-answer.ts';
import type { HttpClient } from '../http-client/open-http-client.ts';
import { createSessionCookies } from '../http-client/session-cookies.ts';
import { createSharedWork } from '../neighbours/shared-work.ts';
import { rpcAnswer } from './answers.ts';
import { httpFailure, isLoggedOut, type RpcError, rpcFailure } from './explain-answer.ts';

export type WebRpc = {
  /** The result, of whatever shape. Only for what may be sent twice. @throws ControllerError */
  call(request: RpcRequest, signal: AbortSignal): Promise<unknown>;
  close(): void;
};

export type RpcRequest = {
  readonly method: string;
  readonly params?: readonly unknown[];
  /** Default 5 s. */
  readonly timeoutMs?: number;
};

export type WebRpcOptions = { readonly name: string; readonly http: HttpClient; readonly password: string };

type Exchange = (
  request: RpcRequest,
  signal: AbortSignal,
) => Promise<{ readonly result: unknown; readonly error: RpcError | null }>;

export const openWebRpc = ({ name, http, password }: WebRpcOptions): WebRpc => {
  const exchange = createExchange(name, http);
  const life = new AbortController();
  let sessions = 0;
  let refusal: ControllerError | null = null;

  const loggingIn = createSharedWork(async () => {
    const { result, error } = await exchange({ method: 'auth.login', params: [password] }, life.signal);
    if (error !== null) throw rpcFailure(name, 'auth.login', error);
    if (result === false) {
      refusal = new ControllerError(
        'upstream_refused',
        `${name} refuses the password of its web interface; not tried again until Headgate is started anew`,
      );
      throw refusal;
    }
    if (result !== true) throw new ControllerError('upstream_failed', `${name} does not answer a log-in as deluge-web does`);
    sessions += 1;
  });
  const call: WebRpc['call'] = async (request, signal) => {
    if (refusal !== null) throw refusal;
    const seen = sessions;
    let answer = await exchange(request, signal);
    if (answer.error !== null && isLoggedOut(answer.error)) {
      if (refusal !== null) throw refusal; // by a log-in that ended while our own answer was on its way
      if (seen === sessions) await loggingIn.join(signal);
      answer = await exchange(request, signal);
      if (answer.error !== null && isLoggedOut(answer.error))
        throw new ControllerError(
          'upstream_failed',
          `${name} took our log-in but does not know us: are cookies lost on the way?`,
        );
    }
    if (answer.error !== null) throw rpcFailure(name, request.method, answer.error);
    return answer.result;
  };
  return { call, close: () => life.abort() };
};

const createExchange = (name: string, http: HttpClient): Exchange => {
  const cookies = createSessionCookies();
  return async ({ method, params = [], timeoutMs }, signal) => {
    const cookie = cookies.header();
    const answer = await http.request({
      method: 'POST',
      path: 'json',
      // 2.0 takes exactly this content type: with a charset behind it, it does not.
      headers: { 'content-type': 'application/json', ...(cookie === null ? {} : { cookie }) },
      body: JSON.stringify({ method, params, id: 1 }),
      repeatable: method !== 'auth.login',
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      signal,
    });
    cookies.take(answer.headers['set-cookie']);
    const failure = httpFailure(name, answer.status);
    if (failure !== null) throw failure;
    const { result, error } = decodeJson(rpcAnswer, answer.text, `${name} ${method}`);
    return { result, error: error ?? null };
  };
};
