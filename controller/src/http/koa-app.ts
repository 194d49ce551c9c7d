// Routes as a Koa application: errors, log, headers, who asks, then the route. No socket here.
import { Readable } from 'node:stream';
import Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import type { Log } from '../log.ts';
import { type Auth, demand, isNodeToken } from './auth.ts';
import { createClientAddress } from './client-address.ts';
import { errorAnswer, RequestError } from './error-answer.ts';
import { readJsonBody, readTextBody } from './request-body.ts';
import { createRequestSignals } from './request-signal.ts';
import { type Caller, handedOver, type RequestFacts, type Route } from './route.ts';
import { isSameOrigin, sessionIn } from './session-cookie.ts';

export type KoaAppDeps = {
  readonly routes: readonly Route[];
  readonly auth: Pick<Auth, 'identify'>;
  readonly publicUrl: string | null;
  readonly trustedProxies: readonly string[];
  readonly log: Log;
  /** Fires when Headgate stops: waiting handlers end. */
  readonly stop: AbortSignal;
  /** Told of each finished request; `path` is the route's pattern, so that metrics stay few. */
  readonly onRequest?: (request: {
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly ms: number;
  }) => void;
};

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy':
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};
/** Koa's, before anybody chose one. */
const UNSET_STATUS = 404;
const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export function createKoaApp(deps: KoaAppDeps): Koa {
  const app = new Koa();
  // Errors after the answer has begun, mostly clients that went away.
  app.on('error', (error: unknown) => deps.log.debug({ error }, 'request ended early'));
  const router = new Router();
  const facts = { clientOf: createClientAddress(deps.trustedProxies), signalOf: createRequestSignals(deps.stop) };
  for (const one of deps.routes) router.register(one.path, [one.method], serve(one, deps, facts));
  app.use(answerErrors(deps));
  app.use(router.routes());
  app.use(notFound);
  return app;
}

/** Headers first, so that errors carry them too; whatever is thrown below becomes one JSON form. */
const answerErrors =
  ({ log, onRequest }: KoaAppDeps): Middleware =>
  async (context, next) => {
    const began = performance.now();
    context.set(HEADERS);
    if (context.path.startsWith('/api/')) context.set('Cache-Control', 'no-store');
    try {
      await next();
    } catch (error) {
      const { status, body, isFault } = errorAnswer(error);
      context.status = status;
      context.body = body;
      context.type = 'json';
      if (status === 401) context.set('WWW-Authenticate', 'Bearer');
      if (status === 413) context.set('Connection', 'close');
      // Whoever hung up before all of it was here gets no answer, and nothing is wrong with us.
      if (isFault && !context.req.readableAborted)
        log.error({ method: context.method, path: shownPath(context.path), error }, 'request failed');
    }
    const ms = Math.round(performance.now() - began);
    const pattern: unknown = context['routerPath'] ?? context['_matchedRoute'];
    // The query stays out: it can hold what a client should not have put there.
    log.debug({ method: context.method, path: shownPath(context.path), status: context.status, ms }, 'request');
    onRequest?.({ method: context.method, path: typeof pattern === 'string' ? pattern : 'other', status: context.status, ms });
  };

/** Live TV clients can carry their right in the URL only: the one path whose second part is a token. */
const shownPath = (path: string): string => path.replace(/^\/live\/[^/]+/, '/live/…');

type Known = {
  readonly clientOf: ReturnType<typeof createClientAddress>;
  readonly signalOf: ReturnType<typeof createRequestSignals>;
};

const serve =
  (one: Route, deps: KoaAppDeps, { clientOf, signalOf }: Known): Middleware =>
  async (context) => {
    const client = clientOf({
      socketAddress: context.req.socket.remoteAddress ?? '',
      forwardedFor: headerOf(context, 'x-forwarded-for'),
      forwardedProto: headerOf(context, 'x-forwarded-proto'),
    });
    const secure = client.secure || isPublicHttps(context.host, deps.publicUrl);
    const caller = await callerOf(context, one, deps, secure);
    demand(one.access, caller);
    const query = context.query as unknown;
    const body = await bodyOf(context, one);
    const answer = await one.run(
      { params: context['params'] as unknown, query, body },
      { caller, address: client.address, secure, ...factsOf(context, signalOf(context.res)) },
    );
    if (answer !== handedOver) setBody(context, one, answer);
  };

async function bodyOf({ req }: Context, one: Route): Promise<unknown> {
  if (one.body === null) return undefined;
  return one.text === null ? await readJsonBody(req) : await readTextBody(req, one.text.maxBytes);
}

function setBody(context: Context, one: Route, answer: unknown): void {
  const { status } = context;
  if (answer === undefined) {
    context.body = null; // Koa makes this a 204
    if (status !== UNSET_STATUS) context.status = status;
    return;
  }
  // A handler may have named another type; Koa sets its own for strings and streams, so it is said last.
  const named = context.response.get('Content-Type');
  // Setting a body makes Koa's 404 a 200 unless the handler chose a status.
  context.body = one.contentType === null ? JSON.stringify(answer) : bytesOf(answer);
  context.set('Content-Type', named || one.contentType || 'application/json; charset=utf-8');
}

const bytesOf = (answer: unknown): string | Buffer | Readable => {
  if (answer instanceof Readable) return answer;
  return answer instanceof Uint8Array ? Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength) : String(answer);
};

/** Asked for under our public https address, so a proxy ended TLS, whether or not it says so. The LAN may still come by plain http. */
function isPublicHttps(host: string, publicUrl: string | null): boolean {
  if (publicUrl === null) return false;
  const known = new URL(publicUrl);
  return known.protocol === 'https:' && known.host === host;
}

/** A wrong token on a public route is no reason to refuse it. */
async function callerOf(context: Context, one: Route, { auth, publicUrl }: KoaAppDeps, secure: boolean): Promise<Caller> {
  const session = sessionIn(headerOf(context, 'cookie'), secure);
  const nobody: Caller = { kind: 'nobody', name: 'nobody' };
  const authorization = headerOf(context, 'authorization');
  // Another right than a log-in, which its route looks at; and asked for by thousands, so it is to cost nothing here.
  if (one.access === 'public' && session === null && isNodeToken(authorization)) return nobody;
  const identity = auth.identify(authorization, session);
  const caller = await (one.access === 'public' ? identity.catch(() => nobody) : identity);
  if (caller.kind !== 'session' || SAFE_METHODS.includes(context.method)) return caller;
  const origins = {
    secFetchSite: headerOf(context, 'sec-fetch-site'),
    origin: headerOf(context, 'origin'),
    host: headerOf(context, 'host'),
    publicUrl,
  };
  if (isSameOrigin(origins)) return caller;
  throw new RequestError(403, 'denied', 'a change with the session cookie must come from our own page; scripts use an API token');
}

type Facts = Pick<RequestFacts, 'header' | 'reply' | 'signal' | 'method' | 'handOver'>;

function factsOf(context: Context, signal: AbortSignal): Facts {
  return {
    header: (name) => headerOf(context, name),
    method: context.method,
    handOver() {
      context.status = 200;
      context.respond = false;
      return context.req.socket;
    },
    reply: {
      status: (code) => {
        context.status = code;
      },
      header: (name, value) => context.set(name, value),
    },
    signal,
  };
}

/** A path that exists with another method is told apart from one that does not. */
const notFound: Middleware = (context) => {
  const layers: unknown = context['matched'];
  const methods = (Array.isArray(layers) ? layers : []).flatMap(
    (layer: { readonly methods?: readonly string[] }) => layer.methods ?? [],
  );
  if (methods.length === 0) throw new RequestError(404, 'not_found', 'there is nothing at this path; /docs lists what there is');
  context.set('Allow', [...new Set(methods)].join(', '));
  if (context.method !== 'OPTIONS') throw new RequestError(405, 'input_invalid', `this path does not take ${context.method}`);
  context.status = 204;
};

/** One value: Node joins repeated headers, except that Set-Cookie is a list, which no request has. */
function headerOf(context: Context, name: string): string | null {
  const value = context.req.headers[name.toLowerCase()];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
