// A box for one node: a library folder, a small controller, and the node as the program that people run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programPath } from '../../deploy/demo/our-programs.ts';
import { type ShareServer, startShareServer } from './share-server.ts';

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };
export type RunningNode = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly log: () => string;
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
};
export type NodeHome = AsyncDisposable & {
  readonly server: ShareServer;
  readonly folder: string;
  readonly library: string;
  /** Text of a file below the library; null where there is none. */
  readonly read: (path: string) => Buffer | null;
  readonly write: (path: string, content: string | Buffer) => void;
  /** Everything below the library that Jellyfin would see, sorted. */
  readonly seen: () => readonly string[];
  /** Runs the node to its end. `environment` in place of a configuration file. */
  readonly run: (flags: readonly string[], change?: Change) => Promise<Ran>;
  readonly start: (change?: Change) => RunningNode;
};
type Change = {
  readonly yaml?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly poll?: number;
  /** A program, and its arguments, that the node is run by. */
  readonly under?: readonly string[];
};

const MAIN = programPath('agent-node');

export async function startNodeHome(): Promise<NodeHome> {
  const stack = new AsyncDisposableStack();
  const server = stack.use(await startShareServer());
  const folder = mkdtempSync(join(tmpdir(), 'headgate-node-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const library = join(folder, 'library');
  const launch = ({ yaml = '', environment, flags = [], poll = 60, under = [] }: Change): ChildProcess => {
    const config = join(folder, 'node.yaml');
    const download = yaml.includes('download:') ? '' : 'download: { min_free_gb: 0 }\n';
    const manifests = `manifests:\n  url: ${server.url}\n  groups: [family]\n  token: ${server.token}\n  poll_minutes: ${poll}\n  attempts: 1\n`;
    writeFileSync(config, `id: box\nlibrary: ${library}\n${yaml.includes('manifests:') ? '' : manifests}${download}${yaml}`);
    const args = environment === undefined ? ['--config', config, ...flags] : [...flags];
    const [program = process.execPath, ...words] = [...under, process.execPath, MAIN, ...args];
    return spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder, ...environment },
    });
  };
  return {
    server,
    folder,
    library,
    read: (path) => (existsSync(join(library, path)) ? readFileSync(join(library, path)) : null),
    write(path, content) {
      mkdirSync(dirname(join(library, path)), { recursive: true });
      writeFileSync(join(library, path), content);
    },
    seen: () => (existsSync(library) ? filesBelow(library, '').sort() : []),
    async run(flags, change = {}) {
      const child = launch({ ...change, flags });
      let [out, err] = ['', ''];
      child.stdout?.on('data', (text) => (out += text));
      child.stderr?.on('data', (text) => (err += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out, err };
    },
    start: (change = {}) => stack.use(running(launch(change))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function filesBelow(root: string, below: string): string[] {
  return readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.name === '.headgate') return [];
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

function running(child: ChildProcess): RunningNode {
  let log = '';
  child.stderr?.on('data', (text) => (log += text));
  const stop = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  return { process: child, log: () => log, stop, [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')) };
}

/** Waits, generously, for something that comes by itself. */
export async function until(what: string, test: () => boolean, waitMs = 20_000): Promise<void> {
  const since = performance.now();
  while (!test()) {
    if (performance.now() - since > waitMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
