// A machine of its own for the set-up: a repository with a lock file, and a PATH on which only what a test puts there is found.
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';

const SET_UP = join(import.meta.dirname, '../../set-up');

/** npm as far as the set-up knows it: it brings packages and Node, and records what it did. */
const NPM = `#!/bin/sh
PATH=/usr/bin:/bin
echo "$@" >> npm.log
[ -e npm.fails ] && { echo 'network is down' >&2; exit 1; }
mkdir -p node_modules/node/bin node_modules/.bin
ln -sf ${process.execPath} node_modules/node/bin/node
cp package-lock.json node_modules/.package-lock.json
`;

export type Machine = {
  readonly folder: string;
  write(path: string, text: string): void;
  /** A program on the machine's PATH. */
  program(name: string, script: string): void;
  /** Lines that a stub wrote; none where it never ran. */
  lines(path: string): readonly string[];
  /** Runs the set-up on the machine's own Node. */
  setUp(
    words: readonly string[],
    options?: { uid?: number; env?: Record<string, string> },
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
};

export function createMachine(t: Test): Machine {
  const folder = t.testdir({ bin: {}, deploy: { 'set-up': {} }, 'package.json': '{ "type": "module" }' });
  for (const file of readdirSync(SET_UP)) copyFileSync(join(SET_UP, file), join(folder, 'deploy/set-up', file));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const program = (name: string, script: string) => {
    write(`bin/${name}`, script);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  write('package-lock.json', lockWith('1.0.0'));
  // Programs that no machine has, so that it does not matter what this one has.
  write(
    'deploy/set-up/needs.mjs',
    "// Planted.\nexport const needs = { test: [{ program: 'headgate-planted', package: 'planted-package' }] };\n",
  );
  program('npm', NPM);
  symlinkSync('/bin/sh', join(folder, 'bin/sh'));
  return {
    folder,
    write,
    program,
    lines: (path) => linesOf(join(folder, path)),
    setUp: (words, options) => runSetUp(folder, words, options),
  };
}

export const lockWith = (version: string): string =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/x': { version }, 'node_modules/x-win32': { version: '1.0.0', optional: true } },
  });

const linesOf = (path: string): readonly string[] => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []);

function runSetUp(
  folder: string,
  words: readonly string[],
  { uid, env = {} }: { uid?: number; env?: Record<string, string> } = {},
) {
  const child = spawn(process.execPath, ['deploy/set-up/set-up.mjs', ...words], {
    cwd: folder,
    env: { PATH: join(folder, 'bin'), ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text));
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
    child.on('close', (code) => done({ code, ...said })),
  );
}
