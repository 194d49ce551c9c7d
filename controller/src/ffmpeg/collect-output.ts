// A run to its end with all of its output in memory: for answers and slates, bounded in bytes and time.
import { ControllerError, isAbort } from '../errors.ts';
import { type RunEnd, type RunOptions, runFfmpeg } from './run-ffmpeg.ts';

export type CollectOptions = RunOptions & {
  /** What it is for, in errors: `ffprobe of a file`. */
  readonly task: string;
  readonly mostBytes: number;
  readonly timeoutMs: number;
};

/** @throws ControllerError upstream_failed (it did not end well, or said more), timeout; AbortError */
export async function collectOutput(
  argv: readonly string[],
  signal: AbortSignal,
  options: CollectOptions,
): Promise<{ readonly bytes: Uint8Array; readonly end: RunEnd }> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const tooMuch = new AbortController();
  const run = runFfmpeg(argv, AbortSignal.any([signal, timeout, tooMuch.signal]), options);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of run.output) {
      length += chunk.length;
      if (length > options.mostBytes) {
        tooMuch.abort();
        break;
      }
      chunks.push(chunk);
    }
  } catch (error) {
    // Closed early by the signal, which is told below.
    if (!isAbort(error) && !isPrematureClose(error)) throw error;
  }
  const end = await run.ended;
  signal.throwIfAborted();
  if (timeout.aborted) throw new ControllerError('timeout', `${options.task} took longer than ${options.timeoutMs / 1_000} s`);
  if (tooMuch.signal.aborted)
    throw new ControllerError('upstream_failed', `${options.task} gave more than ${options.mostBytes} bytes`);
  if (end.problem !== null) throw new ControllerError('upstream_failed', `${options.task} failed: ${end.problem}`);
  return { bytes: Buffer.concat(chunks), end };
}

const isPrematureClose = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
