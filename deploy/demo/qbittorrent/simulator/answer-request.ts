// One request to the simulated qBittorrent, in the original's order: origin and host, session, scope, method, action (webui/webapplication.cpp).
import { type Answer, answerEndpoint, type Inside, type Parameters } from './endpoints.ts';
import type { Entrance, Visitor } from './entrance.ts';

export type SimulatedRequest = {
  readonly method: string;
  /** Without the base path, with the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
};

export type SimulatedAnswer = Answer & { readonly cookie: string | null };

export type Gate = { readonly entrance: Entrance; readonly inside: Inside; readonly hostHeaderValidation: boolean };

export const answerRequest = (gate: Gate, request: SimulatedRequest): SimulatedAnswer => {
  const { entrance, inside } = gate;
  const url = new URL(request.target, 'http://simulator.invalid');
  const { host, origin, referer, cookie, authorization } = request.headers;
  const usesKey = inside.version === '5.2.3' && /^bearer\s+\S/i.test(authorization ?? '');
  if ((!usesKey && isCrossSite(host, origin, referer)) || (gate.hostHeaderValidation && !fitsPort(host, inside.webPort))) {
    return { status: 401, body: 'Unauthorized', cookie: null };
  }
  const visitor = entrance.visitor({ cookie, authorization });
  const path = /^\/api\/v2\/([a-z_]+\/[a-z_]+)$/i.exec(url.pathname)?.[1];
  const answer = path === undefined ? webPage(visitor, url.pathname) : answerApi(gate, visitor, { ...request, path, url });
  return { ...answer, cookie: answer.cookie ?? visitor.cookie };
};

type ApiRequest = SimulatedRequest & { readonly path: string; readonly url: URL };

const answerApi = ({ entrance, inside }: Gate, visitor: Visitor, request: ApiRequest): Answer & { cookie: string | null } => {
  const { path, method } = request;
  if (path !== 'auth/login' && visitor.session === null) return { status: 403, body: 'Forbidden', cookie: null };
  // Parameters of a GET are in the query, of a POST in its form only.
  const given: Parameters = new Map(method === 'POST' ? parseForm(request) : request.url.searchParams);
  if (!path.startsWith('auth/')) {
    const session = visitor.session;
    return session === null
      ? { status: 403, body: 'Forbidden', cookie: null }
      : { ...answerEndpoint(inside, { path, method, given, session }), cookie: null };
  }
  if (visitor.byKey) return { status: 403, body: 'Forbidden', cookie: null };
  if (method !== 'POST') return { status: 405, body: 'Method Not Allowed', cookie: null };
  if (path === 'auth/login') return entrance.logIn(visitor, given.get('username') ?? '', given.get('password') ?? '');
  if (path !== 'auth/logout') return { status: 404, body: 'Not Found', cookie: null };
  entrance.logOut(visitor);
  return { status: 200, body: '', cookie: null };
};

const webPage = (visitor: Visitor, path: string): Answer & { cookie: null } =>
  path === '/' && !visitor.byKey
    ? { status: 200, body: '<!DOCTYPE html><title>qBittorrent Web UI</title>', cookie: null }
    : { status: 404, body: 'Not Found', cookie: null };

const parseForm = ({ headers, body }: SimulatedRequest): URLSearchParams =>
  new URLSearchParams(/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') ? body : '');

/** With neither header it passes; Origin goes before Referer. */
const isCrossSite = (host: string | undefined, origin: string | undefined, referer: string | undefined): boolean => {
  const told = origin || referer;
  if (told === undefined || told === '') return false;
  return !URL.canParse(told) || withPort(new URL(told).host) !== withPort(host ?? '');
};
const withPort = (host: string): string => host.toLowerCase();

/** A port in the Host header must be qBittorrent's own; the host name passes by the default domain list "*". */
const fitsPort = (host: string | undefined, port: number): boolean => {
  const told = /:(\d+)$/.exec(host ?? '')?.[1];
  return told === undefined || Number(told) === port;
};
