// One range of a file over HTTP, straight to its place on the disk.

import type { FileHandle } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { AgentError, messageOf } from '../errors.ts';
import { type Agents, hostOf, requestOf } from '../http.ts';
import type { RateGate } from './rate-gate.ts';

export type RangeOrder = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Of the whole file; another one at the source is an error. */
  readonly size: number;
  readonly file: FileHandle;
  readonly stallMs: number;
  /** So many more bytes are on the disk, in order. */
  readonly onBytes: (bytes: number) => void;
};

/** Gathered before a write: a call for each packet would cost more than the bytes. */
const WRITE_BYTES = 1024 * 1024;

/** @throws AgentError `unreachable`, `timeout`, `refused`, `not_found`, `bad_answer`, `no_room`; or the signal's reason */
export async function getRange(order: RangeOrder, agents: Agents, gate: RateGate, signal: AbortSignal): Promise<void> {
  const watch = createWatch(order.stallMs);
  try {
    const [asked, answer] = await ask(order, agents, watch, signal);
    watch.of(asked);
    checkAnswer(order, answer);
    await write(order, answer, watch, (bytes) => gate.take(bytes, signal));
  } catch (error) {
    watch.cut();
    signal.throwIfAborted();
    if (error instanceof AgentError) throw error;
    if (watch.hasStalled()) throw new AgentError('timeout', `${hostOf(order.url)} sent nothing for ${order.stallMs / 1000} s`);
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new AgentError('no_room', 'the disk is full', { cause: error });
    throw new AgentError('unreachable', `${hostOf(order.url)}: ${messageOf(error)}`, { cause: error });
  } finally {
    watch.end();
  }
}

type Watch = {
  readonly of: (asked: ClientRequest) => void;
  readonly wait: () => void;
  readonly end: () => void;
  readonly cut: () => void;
  readonly hasStalled: () => boolean;
};

/** Counts only while we wait for the other side, not while we write or keep to a limit. */
function createWatch(stallMs: number): Watch {
  let request: ClientRequest | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStalled = false;
  return {
    of: (asked) => {
      request = asked;
    },
    wait() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isStalled = true;
        request?.destroy(new Error('stalled'));
      }, stallMs);
    },
    end: () => clearTimeout(timer),
    cut: () => void request?.destroy(),
    hasStalled: () => isStalled,
  };
}

function ask(
  { url, headers, from, to }: RangeOrder,
  agents: Agents,
  watch: Watch,
  signal: AbortSignal,
): Promise<[ClientRequest, IncomingMessage]> {
  const target = new URL(url);
  const { request, agent } = requestOf(target, agents);
  return new Promise((resolve, reject) => {
    const asked = request(target, { agent, signal, headers: { ...headers, range: `bytes=${from}-${to - 1}` } });
    watch.of(asked);
    watch.wait();
    asked.on('error', reject);
    asked.on('response', (answer) => resolve([asked, answer]));
    asked.end();
  });
}

function checkAnswer({ url, from, to, size }: RangeOrder, { statusCode = 0, headers }: IncomingMessage): void {
  const host = hostOf(url);
  if (statusCode === 401 || statusCode === 403)
    throw new AgentError('refused', `${host} does not give us the bytes: ${statusCode}`);
  if (statusCode === 404 || statusCode === 410) throw new AgentError('not_found', `${host} has no web seed of it`);
  if (statusCode >= 500 || statusCode === 429) throw new AgentError('unreachable', `${host} answers ${statusCode}`);
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const isWhole = statusCode === 200 && from === 0 && to === size && Number(headers['content-length']) === size;
  if (isWhole) return;
  if (statusCode === 416 || (range !== null && Number(range[3]) !== size))
    throw new AgentError('bad_answer', `${host} has another size of it than ${size} bytes`);
  if (statusCode !== 206 || range === null || Number(range[1]) !== from || Number(range[2]) !== to - 1)
    throw new AgentError('bad_answer', `${host} answers ${statusCode} to a range`);
}

async function write(
  order: RangeOrder,
  answer: IncomingMessage,
  watch: Watch,
  mayTake: (bytes: number) => Promise<void>,
): Promise<void> {
  const { file, from, to, url, onBytes } = order;
  let at = from;
  let gathered: Buffer[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (bytes === 0) return;
    watch.end();
    await file.writev(gathered, at);
    at += bytes;
    onBytes(bytes);
    gathered = [];
    bytes = 0;
    watch.wait();
  };
  watch.wait();
  for await (const piece of answer as AsyncIterable<Buffer>) {
    watch.end();
    if (at + bytes + piece.length > to) throw new AgentError('bad_answer', `${hostOf(url)} sends more than was asked for`);
    await mayTake(piece.length);
    gathered.push(piece);
    bytes += piece.length;
    if (bytes >= WRITE_BYTES) await flush();
    watch.wait();
  }
  await flush();
  if (at !== to) throw new AgentError('unreachable', `${hostOf(url)} ended before all was there`);
}
