// Brings node_modules in line with package-lock.json: `npm ci`, but only where it is missing or stale.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Answers null when node_modules is in line, else a sentence that says what to do.
 * @param {string} root the repository's folder
 * @param {(line: string) => void} say
 * @returns {string | null}
 */
export function bringNpmPackages(root, say) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const wanted = createHash('sha256').update(lock).digest('hex');
  const stamp = join(root, 'node_modules', '.headgate-stamp');
  if (readOr(stamp, '') === wanted) return null;
  if (!isInLine(root, JSON.parse(String(lock)))) {
    say('Installing the npm packages (about half a minute, once) ...');
    const failure = npmCi(root);
    if (failure !== null) return failure;
  }
  if (!existsSync(nodeOf(root)) && major() < 24)
    return 'The npm package "node" (Node 24) did not install: allow its install script (npm config set ignore-scripts false), then run this again.';
  try {
    writeFileSync(stamp, wanted);
  } catch {
    // Somebody else's node_modules: it is right, and will be looked at again the next time.
  }
  return null;
}

/** Node 24 as the project brings it. */
export const nodeOf = (/** @type {string} */ root) => join(root, 'node_modules', 'node', 'bin', 'node');

const major = () => Number(process.versions.node.split('.')[0]);

/**
 * npm keeps a record of what it really installed. Comparing with that spares a person who ran `npm install` by hand a second installation.
 * @param {string} root
 * @param {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }> }} lock
 */
function isInLine(root, lock) {
  const record = readOr(join(root, 'node_modules', '.package-lock.json'), '');
  if (record === '' || !existsSync(nodeOf(root))) return false;
  const installed = JSON.parse(record).packages;
  const isMet = (/** @type {[string, { version?: string, optional?: boolean, devOptional?: boolean }]} */ [path, entry]) =>
    path === '' || (installed[path] ? installed[path].version === entry.version : entry.optional || entry.devOptional);
  return Object.entries(lock.packages).every(isMet);
}

/** @param {string} root */
function npmCi(root) {
  // npm of the system with Node of the system: while node_modules is replaced, the Node in it must not be the one that works.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.endsWith('node_modules/.bin'));
  const own = process.env.npm_execpath && process.env.npm_node_execpath;
  const node = own && !own.startsWith(root) ? own : undefined;
  const [program, ...first] = node ? [node, String(process.env.npm_execpath)] : ['npm'];
  const result = spawnSync(program, [...first, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return null;
  const said = result.error ? result.error.message : String(result.stderr).trim();
  return `npm ci failed:\n${said}\nIs the network there? Then run this again.`;
}

/**
 * @param {string} path
 * @param {string} otherwise
 */
function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
