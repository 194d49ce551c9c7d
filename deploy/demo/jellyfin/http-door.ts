// From a request to its handler's answer: address filter, authorization, body, faults, latency, log.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, Refusal, refusals, text } from './answer.ts';
import { type Identify, isScriptedViewer } from './caller.ts';
import type { NetworkConfiguration } from './local-network.ts';
import { mayCallFrom } from './local-network.ts';
import type { RequestLog } from './request-log.ts';
import { type Caller, createMatcher, type Matcher, type Route } from './route-table.ts';

const maximumBody = 4 * 1024 * 1024;

export type DoorNeed = {
  readonly routes: readonly Route[];
  readonly identify: Identify;
  readonly network: () => NetworkConfiguration;
  readonly log: RequestLog;
  /** Milliseconds that each request takes longer. */
  readonly latencyMs: () => number;
  readonly peerSecret: string;
  /** The server's clock, UTC ms: it dates each answer. */
  readonly now: () => number;
};

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maximumBody) throw new Refusal({ status: 413 });
    chunks.push(chunk as Buffer);
  }
  if (size === 0) return undefined;
  if (!/json/i.test(request.headers['content-type'] ?? '')) throw new Refusal({ status: 415 });
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw refusals.invalid({ $: ['The JSON value could not be read.'] });
  }
}

async function send(response: ServerResponse, answer: Answer, withBody: boolean): Promise<void> {
  const headers: Record<string, string> = { ...answer.headers };
  if (answer.type) headers['Content-Type'] = answer.type;
  if (!(answer.body instanceof Readable)) headers['Content-Length'] ??= String(Buffer.byteLength(answer.body ?? ''));
  if (answer.status === 204) delete headers['Content-Length'];
  response.writeHead(answer.status, headers);
  if (answer.body instanceof Readable && withBody) return pipeline(answer.body, response);
  if (answer.body instanceof Readable) answer.body.destroy();
  response.end(withBody && !(answer.body instanceof Readable) ? answer.body : undefined);
}

function checkAccess(route: Route, caller: Caller): void {
  if (route.access === 'none') return;
  if (caller.kind === 'nobody') throw refusals.unauthorized();
  if (route.access === 'admin' && !caller.isAdministrator) throw refusals.forbidden();
}

type Asked = { readonly request: IncomingMessage; readonly caller: Caller; readonly url: URL };

async function answerTo(need: DoorNeed, find: Matcher, { request, caller, url }: Asked): Promise<Answer> {
  if (!mayCallFrom(caller.address, need.network())) return { status: 503 };
  const match = find(request.method ?? 'GET', url.pathname);
  if (!('route' in match)) return { status: match.status };
  checkAccess(match.route, caller);
  const body = await readBody(request);
  const query = new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]));
  return match.route.handle({
    caller,
    params: match.params,
    query: (name) => query.get(name.toLowerCase()) ?? null,
    body,
    request,
  });
}

/** Never throws: what a handler throws beside a Refusal is 500, as in the real server. */
export function createDoor(need: DoorNeed): RequestListener {
  const match = createMatcher(need.routes);
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Date', new Date(need.now()).toUTCString());
    const url = new URL(request.url ?? '/', 'http://jellyfin');
    const method = request.method ?? 'GET';
    const caller = need.identify(request, url.searchParams);
    const by = isScriptedViewer(request, need.peerSecret) ? 'viewer' : caller.kind;
    if (need.latencyMs() > 0) await wait(need.latencyMs());
    const fault = need.log.takeFault({ method, path: url.pathname, by });
    if (fault !== null && fault !== 'lost') {
      need.log.record({ method, path: url.pathname, status: typeof fault === 'number' ? fault : 0, by });
      if (fault === 'reset') request.socket.destroy();
      if (typeof fault === 'number') await send(response, text('Error processing request.', fault), true);
      return;
    }
    const answer = await answerTo(need, match, { request, caller, url }).catch((error: unknown): Answer => {
      if (error instanceof Refusal) return error.answer;
      return text('Error processing request.', 500);
    });
    need.log.record({ method, path: url.pathname, status: answer.status, by });
    if (fault === 'lost') request.socket.destroy();
    else await send(response, answer, method !== 'HEAD');
  };
  return (request, response) => {
    // A caller that hangs up while it is answered is no fault of the server.
    serve(request, response).catch(() => response.destroy());
  };
}
