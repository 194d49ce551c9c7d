// `node set-up.mjs TASK -- COMMAND ...`: makes the machine ready for a task, then runs the command with the project's own Node 24.
// Plain JavaScript without dependencies: it runs on whatever Node >= 20 a machine has, before anything is installed.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bringPrograms } from './debian-packages.mjs';
import { needs } from './needs.mjs';
import { bringNpmPackages, nodeOf } from './npm-packages.mjs';

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..', '..'));
const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

/**
 * @param {string} task a key of the table in needs.mjs, or any other word for "npm packages only"
 * @param {readonly string[]} command
 */
function main(task, command) {
  if (Number(process.versions.node.split('.')[0]) < 20) return fail('Headgate needs Node 20 or later to set itself up.');
  const stop = bringNpmPackages(root, say);
  if (stop !== null) return fail(stop);
  // A missing program ends nothing here: the demo goes on without it, and a test that needs it fails by name.
  const missing = bringPrograms(needs[task] ?? [], say);
  if (missing !== null) say(missing);
  run(command);
}

/** @param {readonly string[]} command */
function run([program = 'node', ...words]) {
  const own = nodeOf(root);
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const env = { ...process.env, PATH: path.join(delimiter) };
  const file = program === 'node' ? (existsSync(own) ? own : process.execPath) : program;
  if (program === 'node' && typeof process.execve === 'function') become(file, words, env);
  else runBelow(file, words, env);
}

/**
 * Node 24 can become the program: no second process that waits, no signal to hand on.
 * @param {string} file
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 */
function become(file, words, env) {
  process.emitWarning = () => {}; // execve is called experimental; that is no news for the person who runs npm
  process.execve?.(file, [file, ...words], env);
}

/**
 * @param {string} file
 * @param {readonly string[]} words
 * @param {NodeJS.ProcessEnv} env
 */
function runBelow(file, words, env) {
  const child = spawn(file, words, { env, stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      // Ctrl-C at a terminal reaches the child as well; twice would mean "at once" to it.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`${file}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
}

/** @param {string} sentence */
function fail(sentence) {
  say(sentence);
  process.exitCode = 1;
}

const [task = '', ...rest] = process.argv.slice(2);
main(task, rest[0] === '--' ? rest.slice(1) : rest);
