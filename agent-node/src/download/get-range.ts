// One range of a file over HTTP, straight to its place on the disk.
import { AgentError, messageOf } from '../errors.ts';
import { hostOf } from '../http.ts';
import type { BlockWriter } from './block-writer.ts';
import type { ByteSink, RangeConnection } from './range-connection.ts';
import type { RateGate } from './rate-gate.ts';
import type { ResponseHead } from './response-head.ts';

export type RangeOrder = {
  readonly url: string;
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Of the whole file; another one at the source is an error. */
  readonly size: number;
};
export type RangeGround = { readonly connection: RangeConnection; readonly writer: BlockWriter; readonly gate: RateGate };

/** Read at once where a limit holds: more would come in jerks. */
const LIMITED_BYTES = 64 * 1024;

/**
 * Resolves when the bytes are in the file.
 * @throws AgentError `unreachable`, `timeout`, `refused`, `not_found`, `bad_answer`, `no_room`; or the signal's reason
 */
export async function getRange(order: RangeOrder, { connection, writer, gate }: RangeGround, signal: AbortSignal): Promise<void> {
  const { url, from, to } = order;
  writer.begin(from);
  try {
    const check = (head: ResponseHead): void => checkAnswer(order, head);
    await connection.ask({ from, to, check, sink: sinkOf({ connection, writer, gate }, signal) }, signal);
    await writer.finish();
  } catch (error) {
    // What came before the end counts.
    const unwritten = await writer.finish().then(
      () => null,
      (cause: unknown) => cause,
    );
    signal.throwIfAborted();
    throw told(unwritten ?? error, url);
  }
}

function sinkOf({ connection, writer, gate }: RangeGround, signal: AbortSignal): ByteSink {
  return {
    room: () => (gate.isOpen(connection.address()) ? writer.room() : writer.room().subarray(0, LIMITED_BYTES)),
    took(bytes) {
      const written = writer.took(bytes);
      const from = connection.address();
      gate.came(bytes, from);
      return gate.isOpen(from) ? written : Promise.all([written, gate.take(bytes, from, signal)]);
    },
  };
}

function told(error: unknown, url: string): AgentError {
  if (error instanceof AgentError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC') return new AgentError('no_room', 'the disk is full', { cause: error });
  return new AgentError('unreachable', `${hostOf(url)}: ${messageOf(error)}`, { cause: error });
}

function checkAnswer({ url, from, to, size }: RangeOrder, { status, headers }: ResponseHead): void {
  const host = hostOf(url);
  if (status === 401 || status === 403) throw new AgentError('refused', `${host} does not give us the bytes: ${status}`);
  if (status === 404 || status === 410) throw new AgentError('not_found', `${host} has no web seed of it`);
  if (status >= 500 || status === 429) throw new AgentError('unreachable', `${host} answers ${status}`);
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '');
  const isWhole = status === 200 && from === 0 && to === size && Number(headers.get('content-length')) === size;
  if (isWhole) return;
  if (status === 416 || (range !== null && Number(range[3]) !== size))
    throw new AgentError('bad_answer', `${host} has another size of it than ${size} bytes`);
  if (status !== 206 || range === null || Number(range[1]) !== from || Number(range[2]) !== to - 1)
    throw new AgentError('bad_answer', `${host} answers ${status} to a range`);
}
