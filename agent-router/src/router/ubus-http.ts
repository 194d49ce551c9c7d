// ubus by JSON-RPC over HTTP: posts calls and tells uhttpd's answers apart. The HTTP status is 200 whatever happened (facts/openwrt.md §1).
import { request } from 'node:http';
import * as z from 'zod/mini';
import { AgentError } from '../errors.ts';
import { openSocket, type TlsChoice } from '../ground/open-socket.ts';
import { check, parseJson } from './answers.ts';

export type UbusCall = { readonly object: string; readonly method: string; readonly args: Readonly<Record<string, unknown>> };

/** `denied` is also what an expired session looks like. `status` is ubus's own: 2 invalid argument, 4 not found, 6 permission denied ... */
export type UbusAnswer =
  | { readonly kind: 'ok'; readonly value: unknown }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'denied' }
  | { readonly kind: 'no_object' };

export type UbusServer = { readonly url: URL; readonly tls: TlsChoice };

/** rpcd itself cuts file read and exec at 256 KiB; JSON's escapes may double that. */
const MOST_BYTES = 768 * 1024;
const DENIED = -32002;
const NO_OBJECT = -32000;

const rpcAnswer = z.object({
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ code: z.number(), message: z.optional(z.string()) })),
});
const ubusResult = z.union([z.tuple([z.number()]), z.tuple([z.number(), z.unknown()])]);

/** One round trip for all calls. Answers in the order of the calls. */
export async function postCalls(
  server: UbusServer,
  session: string,
  calls: readonly UbusCall[],
  deadlineMs: number,
): Promise<UbusAnswer[]> {
  const body = calls.map(({ object, method, args }, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'call',
    params: [session, object, method, args],
  }));
  const text = await post(server, JSON.stringify(body), deadlineMs);
  const answers = check('ubus', z.array(rpcAnswer), parseJson(`ubus at ${server.url.host}`, text));
  if (answers.length !== calls.length)
    throw new AgentError('bad_answer', `ubus: ${answers.length} answers to ${calls.length} calls`);
  return answers.map(sorted);
}

function sorted({ result, error }: z.infer<typeof rpcAnswer>): UbusAnswer {
  if (error?.code === DENIED) return { kind: 'denied' };
  if (error?.code === NO_OBJECT) return { kind: 'no_object' };
  if (error !== undefined) throw new AgentError('bad_answer', `ubus: error ${error.code} ${error.message ?? ''}`);
  const [status, value] = check('ubus result', ubusResult, result);
  return status === 0 ? { kind: 'ok', value } : { kind: 'status', status };
}

async function post({ url, tls }: UbusServer, body: string, deadlineMs: number): Promise<string> {
  const secure = url.protocol === 'https:';
  const port = Number(url.port === '' ? (secure ? 443 : 80) : url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = await openSocket({ host, port, tls: secure ? tls : undefined }, deadlineMs);
  return await new Promise<string>((resolve, reject) => {
    const late = setTimeout(
      () => fail(new AgentError('timeout', `${url.host} did not answer in ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
    const fail = (error: AgentError): void => {
      clearTimeout(late);
      socket.destroy();
      reject(error);
    };
    // uhttpd with keep-alive takes 44 ms a call (Nagle and delayed ACK), with `close` 0.9 ms.
    const headers = {
      Host: url.host,
      Connection: 'close',
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const asked = request({ method: 'POST', path: url.pathname, headers, createConnection: () => socket }, (response) => {
      if (response.statusCode !== 200) {
        const hint = response.statusCode === 404 ? ' - is uhttpd-mod-ubus installed?' : '';
        return fail(new AgentError('bad_answer', `${url.host}${url.pathname} answered ${response.statusCode}${hint}`));
      }
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > MOST_BYTES)
          fail(new AgentError('bad_answer', `${url.host}: an answer of more than ${MOST_BYTES} bytes`));
      });
      response.on('end', () => {
        clearTimeout(late);
        resolve(text);
      });
      response.on('error', (cause) => fail(new AgentError('unreachable', `${url.host}: ${cause.message}`, { cause })));
    });
    asked.on('error', (cause) => fail(new AgentError('unreachable', `${url.host}: ${cause.message}`, { cause })));
    asked.end(body);
  });
}
