// One connection that ranges of files come over, one after the other. Bytes fall straight into the reader's blocks: Node's own client makes a buffer for each 64 KiB,
// and throwing those away cost a quarter of all the time and 100 MB.
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AgentError } from '../errors.ts';
import { hostOf } from '../http.ts';
import { lengthOf, MOST_HEAD_BYTES, type ResponseHead, readHead } from './response-head.ts';

export type ByteSink = {
  /** Where the next bytes may go; never empty, and at first large enough for what comes with a head. */
  readonly room: () => Uint8Array;
  /** So many have come there. Nothing is read until the promise resolves; null: go on. */
  readonly took: (bytes: number) => Promise<unknown> | null;
};
export type RangeQuestion = {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Throws where the answer is not what was asked for. */
  readonly check: (head: ResponseHead) => void;
  readonly sink: ByteSink;
};
export type RangeConnection = Disposable & {
  /** Opens anew what was closed. @throws what `check` throws, AgentError `timeout` or `bad_answer`, the signal's reason, or an error of the network */
  readonly ask: (question: RangeQuestion, signal: AbortSignal) => Promise<void>;
  /** Of the other side; empty while there is none. */
  readonly address: () => string;
};
export type ConnectionOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM text of a CA of one's own. */
  readonly ca: string | undefined;
  /** While the other side is waited for; not while bytes are written, or a limit is kept to. */
  readonly stallMs: number;
};

type Asking = RangeQuestion & {
  left: number;
  isBody: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};
type State = {
  readonly options: ConnectionOptions;
  readonly head: Buffer;
  headBytes: number;
  socket: Socket | null;
  asking: Asking | null;
  isKept: boolean;
  stall: NodeJS.Timeout | undefined;
};

const HEAD_END = '\r\n\r\n';

export function openRangeConnection(options: ConnectionOptions): RangeConnection {
  const head = Buffer.allocUnsafeSlow(MOST_HEAD_BYTES);
  const state: State = { options, head, headBytes: 0, socket: null, asking: null, isKept: false, stall: undefined };
  return {
    async ask(question, signal) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = state.socket ?? open(state);
      Object.assign(state, { headBytes: 0, asking: { ...question, left: 0, isBody: false, resolve, reject } });
      const stop = (): void => end(state, signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      watch(state);
      socket.write(requestOf(options, question));
      try {
        await promise;
      } finally {
        signal.removeEventListener('abort', stop);
        clearTimeout(state.stall);
        state.asking = null;
        if (!state.isKept) end(state, null);
      }
    },
    address: () => state.socket?.remoteAddress ?? '',
    [Symbol.dispose]: () => end(state, null),
  };
}

function requestOf({ url, headers }: ConnectionOptions, { from, to }: RangeQuestion): string {
  const { pathname, search, host } = new URL(url);
  const fields = { host, ...headers, 'accept-encoding': 'identity', range: `bytes=${from}-${to - 1}` };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  if (lines.some((line) => /[^\t\x20-\x7e]/.test(line))) throw new AgentError('refused', 'a token must be plain characters');
  return [`GET ${pathname}${search} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}

function open(state: State): Socket {
  const { protocol, hostname, port } = new URL(state.options.url);
  const { ca } = state.options;
  const isSecure = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: Number(port === '' ? (isSecure ? 443 : 80) : port) };
  const onread = { buffer: () => roomOf(state), callback: (bytes: number) => came(state, bytes) };
  const secure = {
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ALPNProtocols: ['http/1.1'],
  };
  const socket = isSecure ? connectTls({ ...place, ...secure, ...{ onread } }) : connect({ ...place, onread });
  const over = (error: unknown): void => {
    if (state.socket === socket) end(state, error);
  };
  socket.on('error', over);
  for (const event of ['end', 'close']) socket.on(event, () => over(new Error('the connection was closed before all was there')));
  Object.assign(state, { socket, isKept: false });
  return socket;
}

/** `error` is for who asks now. */
function end(state: State, error: unknown): void {
  const { socket, asking } = state;
  Object.assign(state, { socket: null, asking: null });
  clearTimeout(state.stall);
  socket?.destroy();
  asking?.reject(error);
}

function watch(state: State): void {
  clearTimeout(state.stall);
  const { stallMs, url } = state.options;
  state.stall = setTimeout(
    () => end(state, new AgentError('timeout', `${hostOf(url)} sent nothing for ${stallMs / 1000} s`)),
    stallMs,
  );
}

/** Never more than is still to come of a body: what follows is another head. */
function roomOf({ asking, head, headBytes }: State): Uint8Array {
  if (asking === null || !asking.isBody || asking.left === 0) return head.subarray(headBytes % MOST_HEAD_BYTES);
  return asking.sink.room().subarray(0, asking.left);
}

/** Answers whether to go on reading. */
function came(state: State, bytes: number): boolean {
  const { asking } = state;
  if (asking === null) {
    end(state, null);
    return false;
  }
  state.stall?.refresh();
  try {
    return asking.isBody ? took(state, asking, bytes) : tookHead(state, asking, bytes);
  } catch (error) {
    end(state, error);
    return false;
  }
}

function tookHead(state: State, asking: Asking, bytes: number): boolean {
  state.headBytes += bytes;
  const { head, headBytes, options } = state;
  const host = hostOf(options.url);
  const at = head.subarray(0, headBytes).indexOf(HEAD_END);
  if (at < 0 && headBytes < MOST_HEAD_BYTES) return true;
  const read = at < 0 ? 'sends a head without an end' : readHead(head.toString('latin1', 0, at));
  if (typeof read === 'string') throw new AgentError('bad_answer', `${host} ${read}`);
  const rest = head.subarray(at + HEAD_END.length, headBytes);
  if (read.status < 200) {
    head.copyWithin(0, headBytes - rest.length, headBytes);
    state.headBytes = 0;
    return rest.length === 0 || tookHead(state, asking, rest.length);
  }
  state.isKept = false;
  asking.check(read);
  const length = lengthOf(read);
  if (length === null) throw new AgentError('bad_answer', `${host} does not say how long its answer is`);
  const wanted = asking.to - asking.from;
  if (length < wanted) throw new AgentError('bad_answer', `${host} sends less than was asked for`);
  if (length > wanted || rest.length > wanted) throw new AgentError('bad_answer', `${host} sends more than was asked for`);
  Object.assign(asking, { left: length, isBody: true });
  Object.assign(state, { isKept: read.isKept, headBytes: 0 });
  if (rest.length === 0) return true;
  asking.sink.room().set(rest);
  return took(state, asking, rest.length);
}

function took(state: State, asking: Asking, bytes: number): boolean {
  asking.left -= bytes;
  const wait = asking.sink.took(bytes);
  if (asking.left === 0) {
    // What comes now was not asked for.
    state.asking = null;
    clearTimeout(state.stall);
    void Promise.resolve(wait).then(asking.resolve, asking.reject);
    return true;
  }
  if (wait === null) return true;
  clearTimeout(state.stall);
  wait.then(
    () => {
      if (state.asking !== asking) return;
      watch(state);
      state.socket?.resume();
    },
    (error: unknown) => {
      if (state.asking === asking) end(state, error);
    },
  );
  return false;
}
