// Small answers over HTTP: one request, a deadline, a cap, redirects only within the same origin. Bytes of files come by download/.
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { gunzip } from 'node:zlib';
import { AgentError, messageOf } from './errors.ts';

export type Ask = {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the body, once unpacked. */
  readonly mostBytes: number;
  readonly deadlineMs: number;
};
export type SmallAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
};
export type AskHttp = (ask: Ask, signal: AbortSignal) => Promise<SmallAnswer>;
export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

const MOST_REDIRECTS = 3;

/** Connections that are kept for the next request. `ca`: PEM text of a CA of one's own. */
export const openAgents = (ca: string | undefined): Agents => ({
  http: new HttpAgent({ keepAlive: true, maxSockets: 64 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 64, ...(ca === undefined ? {} : { ca }) }),
});

const requestOf = (url: URL, { http, https }: Agents) =>
  url.protocol === 'https:' ? { request: requestHttps, agent: https } : { request: requestHttp, agent: http };

/** @throws AgentError `unreachable`, `timeout`, `bad_answer` or `not_allowed` (a redirect to elsewhere); any status is an answer. */
export function createHttp(agents: Agents): AskHttp {
  return async (ask, signal) => {
    let { url } = ask;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const answer = await askOnce({ ...ask, url }, agents, signal);
      const location = answer.headers['location'];
      if (![301, 302, 303, 307, 308].includes(answer.status) || typeof location !== 'string') return answer;
      const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
      if (next === undefined || next.origin !== new URL(url).origin)
        throw new AgentError('not_allowed', `${hostOf(url)} sends us elsewhere (${next?.origin ?? 'no URL'}): not followed`);
      url = next.href;
    }
    throw new AgentError('bad_answer', `${hostOf(url)} sends us from one place to the next`);
  };
}

/** What may stand in a log: never the path, in which a token may be. */
export const hostOf = (url: string): string => new URL(url).host;

function askOnce(
  { method = 'GET', url, headers, mostBytes, deadlineMs }: Ask,
  agents: Agents,
  signal: AbortSignal,
): Promise<SmallAnswer> {
  const target = new URL(url);
  const { request, agent } = requestOf(target, agents);
  const deadline = AbortSignal.timeout(deadlineMs);
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      asked.destroy();
      reject(told(error, url, signal, deadline));
    };
    const asked = request(target, {
      method,
      agent,
      headers: { 'accept-encoding': 'gzip', ...headers },
      signal: AbortSignal.any([signal, deadline]),
    });
    asked.on('error', fail);
    asked.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > mostBytes) fail(new AgentError('bad_answer', `${hostOf(url)} answers with more than ${mostBytes} bytes`));
      });
      answer.on('error', fail);
      answer.on('end', () => {
        if (!answer.complete) return fail(new Error('the answer was cut off'));
        unpacked(Buffer.concat(chunks), answer.headers['content-encoding'], mostBytes).then(
          (body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
          (cause) => fail(new AgentError('bad_answer', `${hostOf(url)}: ${messageOf(cause)}`, { cause })),
        );
      });
    });
    asked.end();
  });
}

function told(error: unknown, url: string, signal: AbortSignal, deadline: AbortSignal): unknown {
  if (signal.aborted || error instanceof AgentError) return error;
  if (deadline.aborted) return new AgentError('timeout', `${hostOf(url)} did not answer in time`);
  return new AgentError('unreachable', `${hostOf(url)}: ${messageOf(error)}`, { cause: error });
}

function unpacked(body: Buffer, encoding: string | undefined, mostBytes: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity') return Promise.resolve(body);
  if (encoding !== 'gzip') return Promise.reject(new Error(`packed as ${encoding}, which was not asked for`));
  return new Promise((resolve, reject) =>
    gunzip(body, { maxOutputLength: mostBytes }, (error, plain) => (error === null ? resolve(plain) : reject(error))),
  );
}
