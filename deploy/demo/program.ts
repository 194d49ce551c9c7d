// One of our programs as a child process: started, watched by its log lines, stopped, killed and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type LogLine = Readonly<Record<string, unknown>> & { readonly text?: string; readonly level?: string };

export type Program = AsyncDisposable & {
  start(): Promise<void>;
  /** SIGTERM; resolves with the exit code. Killed after `withinMs`. */
  stop(withinMs?: number): Promise<number | null>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  readonly pid: number | undefined;
  /** JSON log lines of all starts, the newest 5,000. */
  lines(): readonly LogLine[];
  /** What it wrote that is no JSON, e.g. an error at start; the newest 64 KiB. */
  other(): string;
  /** Resolves with the first line from now on, or already there since the last start, that fits. */
  waitFor(fits: (line: LogLine) => boolean, withinMs?: number): Promise<LogLine>;
};

export type ProgramOptions = {
  readonly name: string;
  /** Of Node: script and arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The log text that tells that it runs. */
  readonly readyText: string;
};

const MOST_LINES = 5_000;
const READY_MS = 45_000;

export function createProgram({ name, args, env, cwd, readyText }: ProgramOptions): Program {
  const log = createLogReader(name);
  let child: ChildProcess | null = null;

  async function end(signal: 'SIGTERM' | 'SIGKILL', withinMs: number): Promise<number | null> {
    const ending = child;
    if (ending === null) return null;
    child = null;
    if (ending.exitCode !== null || ending.signalCode !== null) return ending.exitCode;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    const limit = setTimeout(() => ending.kill('SIGKILL'), withinMs);
    await gone;
    clearTimeout(limit);
    return ending.exitCode;
  }

  return {
    async start() {
      if (child !== null) throw new Error(`${name} runs already`);
      log.begin();
      child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
      for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', log.take);
      child.once('exit', log.ended);
      await log.waitFor(({ text }) => text === readyText);
    },
    stop: (withinMs = 15_000) => end('SIGTERM', withinMs),
    async kill() {
      await end('SIGKILL', 1_000);
    },
    get pid() {
      return child?.pid;
    },
    lines: log.lines,
    other: log.other,
    waitFor: log.waitFor,
    async [Symbol.asyncDispose]() {
      await end('SIGTERM', 15_000);
    },
  };
}

/** Keeps what was said, and wakes whoever waits for a line. */
function createLogReader(name: string) {
  let lines: LogLine[] = [];
  let since = 0;
  let other = '';
  const waiters = new Set<{ readonly tell: (line: LogLine) => void; readonly fail: (error: Error) => void }>();
  const said = (): string => `${other.slice(-2_000)}${JSON.stringify(lines.slice(-5))}`;
  return {
    begin(): void {
      since = lines.length;
      other = '';
    },
    take(text: string): void {
      const line = parse(text);
      if (line === null) {
        other = `${other}${text}\n`.slice(-65_536);
        return;
      }
      lines.push(line);
      if (lines.length > MOST_LINES) {
        lines = lines.slice(-MOST_LINES / 2);
        since = Math.max(0, since - MOST_LINES / 2);
      }
      for (const { tell } of waiters) tell(line);
    },
    ended(): void {
      for (const { fail } of waiters) fail(new Error(`${name} ended: ${said()}`));
    },
    lines: (): readonly LogLine[] => lines,
    other: (): string => other,
    async waitFor(fits: (line: LogLine) => boolean, withinMs = READY_MS): Promise<LogLine> {
      const known = lines.slice(since).find(fits);
      if (known) return known;
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
      const waiter = { tell: (line: LogLine) => (fits(line) ? resolve(line) : undefined), fail: reject };
      const limit = setTimeout(() => reject(new Error(`${name}: not within ${withinMs} ms. It said: ${said()}`)), withinMs);
      waiters.add(waiter);
      try {
        return await promise;
      } finally {
        clearTimeout(limit);
        waiters.delete(waiter);
      }
    },
  };
}

function parse(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}
