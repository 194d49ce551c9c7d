// A login at rpcd that renews itself: an expired session looks exactly like a missing grant, so it logs in again once, and only once.
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';
import { check } from './answers.ts';
import { postCalls, type UbusAnswer, type UbusCall, type UbusServer } from './ubus-http.ts';

export type UbusSession = {
  /** Answers in the order of the calls. A call that stays denied after a new login is `denied`: a missing grant. */
  readonly callAll: (calls: readonly UbusCall[], deadlineMs?: number) => Promise<readonly UbusAnswer[]>;
  /** One call that must succeed. @throws AgentError `denied` naming the grant, or `bad_answer` with ubus's status */
  readonly call: (call: UbusCall, deadlineMs?: number) => Promise<unknown>;
  /** Ends the session at the router, so that none is left behind. */
  readonly close: () => Promise<void>;
};

const NO_SESSION = '0'.repeat(32);
const QUICK_MS = 4_000;
const PERMISSION_DENIED = 6;
const loginAnswer = z.object({ ubus_rpc_session: z.string().check(z.regex(/^[0-9a-f]{32}$/)) });

type Account = { readonly username: string; readonly password: string };

export function createUbusSession(server: UbusServer, { username, password }: Account): UbusSession {
  let session: string | undefined;
  /** Calls that were denied right after a login: grants that are missing, until the next login says otherwise. */
  const missing = new Set<string>();

  const login = async (): Promise<string> => {
    // rpcd's default timeout of 300 s slides with each call; `timeout: 0` would leak a session that never ends.
    const [answer] = await postCalls(
      server,
      NO_SESSION,
      [{ object: 'session', method: 'login', args: { username, password } }],
      QUICK_MS,
    );
    if (answer?.kind === 'status' && answer.status === PERMISSION_DENIED)
      throw new AgentError('refused', `${server.url.host} refused the login of ${username}: wrong name or password`);
    if (answer?.kind !== 'ok') throw new AgentError('bad_answer', `login at ${server.url.host}: ${told(answer)}`);
    session = check('session login', loginAnswer, answer.value).ubus_rpc_session;
    missing.clear();
    return session;
  };

  const callAll: UbusSession['callAll'] = async (calls, deadlineMs = QUICK_MS) => {
    const first = await postCalls(server, session ?? (await login()), calls, deadlineMs);
    const news = calls.some((call, i) => first[i]?.kind === 'denied' && !missing.has(nameOf(call)));
    if (!news) return first;
    const again = await postCalls(server, await login(), calls, deadlineMs);
    for (const [i, call] of calls.entries()) if (again[i]?.kind === 'denied') missing.add(nameOf(call));
    return again;
  };

  return {
    callAll,
    async call(call, deadlineMs) {
      const [answer] = await callAll([call], deadlineMs);
      return wantedValue(call, answer, username);
    },
    async close() {
      const old = session;
      session = undefined;
      if (old !== undefined)
        await postCalls(server, old, [{ object: 'session', method: 'destroy', args: {} }], 1_000).catch(() => {});
    },
  };
}

/** The value of an answer that had to be `ok`. Both forms of refusal name the grant. */
export function wantedValue(call: UbusCall, answer: UbusAnswer | undefined, username: string): unknown {
  if (answer?.kind === 'ok') return answer.value;
  if (answer?.kind === 'denied' || (answer?.kind === 'status' && answer.status === PERMISSION_DENIED))
    throw new AgentError('denied', `${nameOf(call)} is not granted to ${username} on the router (see deploy/openwrt)`);
  throw new AgentError('bad_answer', `${nameOf(call)}: ${told(answer)}`);
}

/** A call as a person writes a grant for it. */
function nameOf({ object, method, args }: UbusCall): string {
  const what = ['config', 'path', 'command', 'name'].map((key) => args[key]).find((value) => typeof value === 'string');
  const detail = object === 'uci' || object === 'file' ? what : undefined;
  return `ubus ${object} ${method}${detail === undefined ? '' : ` ${detail}`}`;
}

function told(answer: UbusAnswer | undefined): string {
  if (answer === undefined) return 'no answer';
  if (answer.kind === 'status') return `ubus status ${answer.status}`;
  return { ok: 'ok', denied: 'access denied', no_object: 'no such object on the router' }[answer.kind];
}
