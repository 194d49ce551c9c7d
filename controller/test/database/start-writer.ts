// Starts writer.child.ts and reads what it says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type WriterOptions = {
  folder: string;
  prefix: string;
  atOnce?: number;
  compactAfter?: number;
  fileSizeLimit?: number;
  programs?: string;
};

export type Writer = AsyncDisposable & {
  readonly child: ChildProcess;
  /** Every line so far: `+N` acknowledged, `!code` refused, `open […]`, `failed code`, and `=N` notes in memory at a clean end. */
  readonly lines: readonly string[];
  /** Resolves when a line passes the test; rejects when the process ends without one. */
  saw(test: (line: string) => boolean): Promise<string>;
  /** Sends the signal and resolves when the process is gone and all its lines were read. */
  end(signal: NodeJS.Signals): Promise<void>;
};

/** `programs`: its PATH. `fileSizeLimit`: bytes that a file may have (RLIMIT_FSIZE, soft), a disk that fills up without needing root. */
export function startWriter({
  folder,
  prefix,
  atOnce = 1,
  compactAfter = 10_000,
  fileSizeLimit,
  programs,
}: WriterOptions): Writer {
  const script = fileURLToPath(new URL('./writer.child.ts', import.meta.url));
  const command = [process.execPath, script, folder, prefix, String(atOnce), String(compactAfter)];
  const limited = fileSizeLimit === undefined ? command : ['prlimit', `--fsize=${fileSizeLimit}:unlimited`, ...command];
  const [program = '', ...rest] = limited;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...(programs === undefined ? {} : { PATH: programs }) },
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const closed = once(reader, 'close');
  const exited = once(child, 'exit');
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  reader.on('line', (line) => {
    lines.push(line);
    tell();
  });
  let gone = false;
  void closed.then(() => {
    gone = true;
    tell();
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await Promise.all([closed, exited]);
  };
  return {
    child,
    lines,
    end,
    saw: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find(test);
          if (found === undefined && !gone) return;
          listeners.delete(look);
          if (found === undefined) reject(new Error(`the writer ended: ${lines.slice(-3).join(' ')}`));
          else resolve(found);
        };
        listeners.add(look);
        look();
      }),
    [Symbol.asyncDispose]: async () => {
      if (!gone) await end('SIGKILL');
    },
  };
}
