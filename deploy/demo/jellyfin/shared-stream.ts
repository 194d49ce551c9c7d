// One connection upstream, copied to a file that grows until it is closed; whoever watches reads the file (SharedHttpStream, facts/jellyfin.md §6).
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { httpTimeoutMs } from './guide-download.ts';

export type SharedStream = {
  readonly id: string;
  /** The file, for ffprobe. */
  readonly file: string;
  readonly size: () => number;
  /** The upstream has ended: nothing more will come, and nobody else may join. */
  readonly ended: () => boolean;
  /** From the start, or for who comes 10 s later from 20 kB before the end. Ends 30 s after the last byte. */
  reader(): Readable;
  close(): void;
};

export type SharedStreamNeed = {
  readonly url: string;
  readonly userAgent: string;
  /** A reader that gets nothing for this long gives up; default 30,000. */
  readonly readerPatienceMs: number;
  /** Ends an opening that still waits. */
  readonly signal: AbortSignal;
};

const lateAfterMs = 10_000;
const lateBytes = 20_000;
const chunkBytes = 64 * 1024;

type Growing = { size: number; ended: boolean; closed: boolean; readers: number; readonly openedAt: number };

async function* read(handle: FileHandle, state: Growing, grown: EventEmitter, patienceMs: number): AsyncGenerator<Buffer> {
  let at = performance.now() - state.openedAt > lateAfterMs ? Math.max(0, state.size - lateBytes) : 0;
  let fedAt = performance.now();
  state.readers += 1;
  try {
    for (;;) {
      if (at < state.size) {
        const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, state.size - at));
        const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
        at += bytesRead;
        fedAt = performance.now();
        yield chunk.subarray(0, bytesRead);
        continue;
      }
      const leftMs = patienceMs - (performance.now() - fedAt);
      if (leftMs <= 0) return;
      await once(grown, 'grown', { signal: AbortSignal.timeout(Math.ceil(leftMs)) }).catch(() => null);
    }
  } finally {
    state.readers -= 1;
    if (state.closed && state.readers === 0) await handle.close().catch(() => undefined);
  }
}

/** Resolves at the first chunk. Throws where nobody answers, or not one byte comes. The HTTP status is not looked at. */
export async function openSharedStream(need: SharedStreamNeed): Promise<SharedStream> {
  const id = randomBytes(16).toString('hex');
  const abort = new AbortController();
  const slow = setTimeout(() => abort.abort(), httpTimeoutMs);
  const given = () => abort.abort();
  need.signal.addEventListener('abort', given);
  const file = join(tmpdir(), `jellyfin-simulator-${id}.ts`);
  const handle = await open(file, 'w+');
  const state: Growing = { size: 0, ended: false, closed: false, readers: 0, openedAt: performance.now() };
  const grown = new EventEmitter().setMaxListeners(0);
  const close = () => {
    if (state.closed) return;
    state.closed = state.ended = true;
    abort.abort();
    unlink(file).catch(() => undefined);
    if (state.readers === 0) handle.close().catch(() => undefined);
  };
  const pump = async (body: ReadableStream<Uint8Array> | null) => {
    for await (const chunk of body ?? []) {
      if (state.closed) return;
      await handle.write(chunk, 0, chunk.length, state.size);
      state.size += chunk.length;
      grown.emit('grown');
    }
  };
  try {
    const response = await fetch(need.url, { headers: { 'User-Agent': need.userAgent }, signal: abort.signal });
    const first = once(grown, 'grown', { signal: abort.signal });
    const pumped = pump(response.body)
      .catch(() => undefined)
      .finally(() => {
        state.ended = true;
      });
    await Promise.race([first.catch(() => undefined), pumped]);
    if (state.size === 0) throw new Error('Zero bytes copied from stream SharedHttpStream');
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(slow);
    need.signal.removeEventListener('abort', given);
  }
  return {
    id,
    file,
    size: () => state.size,
    ended: () => state.ended,
    reader() {
      const reader = Readable.from(read(handle, state, grown, need.readerPatienceMs), { objectMode: false });
      // Wakes a generator that waits, so that it notices that it was destroyed.
      return reader.once('close', () => grown.emit('grown'));
    },
    close,
  };
}
