// A router's uhttpd with /ubus: answers as recordings/openwrt/rpc-*.json do. 200 always, two forms of refusal, sliding sessions, wrong types ignored.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SimulatedRouter } from './simulated-router.ts';
import { callObject, isObject } from './ubus-objects.ts';
import { type Acl, type Rights, rightsOf } from './ubus-rights.ts';

export type UbusAccount = { readonly username: string; readonly password: string; readonly mayWrite: boolean };

type Session = { readonly rights: Rights; readonly timeoutS: number; lastAt: number; readonly staged: Map<string, string> };

export type UbusServer = AsyncDisposable & {
  readonly url: string;
  /** All sessions end at once, as at a restart of rpcd. */
  forgetSessions(): void;
  /** Calls so far, as `object method`. */
  calls(): readonly string[];
  sessions(): number;
  cut(): Promise<void>;
  heal(): Promise<void>;
  freeze(): void;
};

const NO_SESSION = '0'.repeat(32);
const PARSE_ERROR = { code: -32700, message: 'Parse error' };

export async function startUbusServer(router: SimulatedRouter, acl: Acl, account: UbusAccount): Promise<UbusServer> {
  const sessions = new Map<string, Session>();
  const calls: string[] = [];
  let frozen = false;
  const deps = { router, acl, account, sessions, calls };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      request.on('end', () => {
        if (frozen) return;
        if (request.url !== '/ubus') return void response.writeHead(404).end();
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answerBody(deps, body)));
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server: Server | undefined = await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const old = server;
    server = undefined;
    old?.closeAllConnections();
    if (old !== undefined) await new Promise<void>((resolve) => old.close(() => resolve()));
  };
  return {
    url: `http://127.0.0.1:${port}/ubus`,
    forgetSessions: () => sessions.clear(),
    calls: () => calls,
    sessions: () => sessions.size,
    cut,
    async heal() {
      frozen = false;
      server ??= await listen(port);
    },
    freeze: () => {
      frozen = true;
    },
    [Symbol.asyncDispose]: cut,
  };
}

type Deps = {
  readonly router: SimulatedRouter;
  readonly acl: Acl;
  readonly account: UbusAccount;
  readonly sessions: Map<string, Session>;
  readonly calls: string[];
};

function answerBody(deps: Deps, body: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { jsonrpc: '2.0', id: null, error: PARSE_ERROR };
  }
  deps.router.refresh();
  return Array.isArray(parsed) ? parsed.map((one) => answerOne(deps, one)) : answerOne(deps, parsed);
}

function answerOne(deps: Deps, request: unknown): unknown {
  const { id = null, method, params } = (request ?? {}) as { id?: unknown; method?: unknown; params?: unknown };
  const said = (rest: object): unknown => ({ jsonrpc: '2.0', id, ...rest });
  if (method !== 'call') return said({ error: { code: -32601, message: 'Method not found' } });
  if (!Array.isArray(params) || params.length < 4) return said({ error: PARSE_ERROR });
  const [sid, object, name, args] = params as [string, string, string, Record<string, unknown>];
  deps.calls.push(`${object} ${name}`);
  if (!isObject(object)) return said({ error: { code: -32000, message: 'Object not found' } });
  if (object === 'session' && name === 'login') return said({ result: login(deps, args) });
  const session = liveSession(deps, sid);
  if (session === undefined || !session.rights.call(object, name))
    return said({ error: { code: -32002, message: 'Access denied' } });
  if (object === 'session' && name === 'destroy') {
    deps.sessions.delete(sid);
    return said({ result: [0] });
  }
  return said({
    result: callObject({ router: deps.router, rights: session.rights, staged: session.staged }, object, name, args),
  });
}

/** Sliding: each call starts the time anew. */
function liveSession({ sessions }: Deps, sid: string): Session | undefined {
  const session = sid === NO_SESSION ? undefined : sessions.get(sid);
  if (session === undefined) return undefined;
  const now = performance.now();
  if (session.timeoutS > 0 && now - session.lastAt > session.timeoutS * 1000) {
    sessions.delete(sid);
    return undefined;
  }
  session.lastAt = now;
  return session;
}

function login({ acl, account, sessions }: Deps, args: Record<string, unknown>): unknown {
  if (args['username'] !== account.username || args['password'] !== account.password) return [6];
  const sid = randomBytes(16).toString('hex');
  const timeoutS = typeof args['timeout'] === 'number' ? args['timeout'] : 300;
  sessions.set(sid, { rights: rightsOf(acl, account.mayWrite), timeoutS, lastAt: performance.now(), staged: new Map() });
  return [0, { ubus_rpc_session: sid, timeout: timeoutS, expires: timeoutS, acls: {}, data: { username: account.username } }];
}
