// One process of ffmpeg or ffprobe: spawned in its own group, its stderr always read, ended by the signal at once and with this process.
import { type ChildProcess, spawn } from 'node:child_process';
import { finished, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { inOneSentence, keepLastLines } from './last-lines.ts';
import { guarded, type OrphanGuard } from './orphan-guard.ts';

export type Run = {
  readonly pid: number | null;
  readonly output: Readable;
  /** Never rejects. */
  readonly ended: Promise<RunEnd>;
};

export type RunEnd = {
  readonly code: number | null;
  readonly signal: string | null;
  /** A sentence without secrets; null where it ended well or by our signal. */
  readonly problem: string | null;
  /** The last few lines of stderr, as they were said. */
  readonly said: readonly string[];
};

export type RunOptions = {
  readonly guard: OrphanGuard;
  /** Key of the configuration that names the program. */
  readonly key: string;
  /** Work that can wait: below everything that plays. */
  readonly nice?: boolean;
  /** All of stderr, for who reads results there. */
  readonly onStderr?: (chunk: string) => void;
};

/** `argv[0]` is the program. A signal that has fired already starts nothing. */
export function runFfmpeg(argv: readonly string[], signal: AbortSignal, options: RunOptions): Run {
  if (signal.aborted) return startedNot(null);
  const { file, args, watched } = guarded(
    options.guard,
    process.pid,
    options.nice === true ? ['nice', '-n', '15', ...argv] : argv,
  );
  let child: ChildProcess;
  try {
    child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', ...(watched ? ['pipe' as const] : [])], detached: true });
  } catch (error) {
    return startedNot(`${argv[0]} could not be started: ${messageOf(error)}`);
  }
  const output = child.stdout ?? Readable.from([]);
  output.on('error', () => {});
  // Its other end goes with the guard; neither is an event for us.
  child.stdio[3]?.on('error', () => {});
  return { pid: child.pid ?? null, output, ended: watch(child, { argv, signal, watched, options }) };
}

const startedNot = (problem: string | null): Run => ({
  pid: null,
  output: Readable.from([]),
  ended: Promise.resolve({ code: null, signal: null, problem, said: [] }),
});

type Watched = {
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
  readonly watched: boolean;
  readonly options: RunOptions;
};

async function watch(child: ChildProcess, { argv, signal, watched, options }: Watched): Promise<RunEnd> {
  const last = keepLastLines();
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    last.add(chunk);
    options.onStderr?.(chunk);
  });
  const endedByUs = (): void => {
    killGroup(child);
    child.stdout?.destroy();
  };
  signal.addEventListener('abort', endedByUs, { once: true });
  const stderrEnd = new Promise<void>((resolve) => {
    if (child.stderr === null) resolve();
    else finished(child.stderr, () => resolve());
  });
  const end = await new Promise<{ code: number | null; signal: string | null; failure: string | null }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, failure: messageOf(error) }));
    child.once('exit', (code, name) => resolve({ code, signal: name, failure: null }));
  });
  signal.removeEventListener('abort', endedByUs);
  // The shell may have been killed alone.
  if (watched) killGroup(child);
  // Another holder of its stderr would keep us here for ever.
  await Promise.race([stderrEnd, sleep(1_000, undefined, { ref: false })]);
  child.stderr?.destroy();
  child.stdio[3]?.destroy();
  const said = last.lines();
  return {
    code: end.code,
    signal: end.signal,
    problem: signal.aborted ? null : problemOf(end, said, { program: argv[0] ?? '', key: options.key }),
    said,
  };
}

/** All of its group, by SIGKILL: ffmpeg writes to a pipe, there is nothing to finish. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: gone already.
  }
}

function problemOf(
  { code, signal, failure }: { readonly code: number | null; readonly signal: string | null; readonly failure: string | null },
  said: readonly string[],
  { program, key }: { readonly program: string; readonly key: string },
): string | null {
  if (failure !== null) return `${program} could not be started: ${failure}`;
  if (code === 0) return null;
  // The shell's words (POSIX 2.8.2): not found, not executable.
  if (code === 127 || code === 126)
    return `${program} ${code === 127 ? 'is not there' : 'cannot be run'}: check ${key} in the configuration`;
  const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
  const why = inOneSentence(said);
  return `${program} ${how}${why === '' ? '' : `: ${why}`}`;
}
