// `node deploy/set-up/complete-lock.mjs [--write] [--in FOLDER]`: names what package-lock.json lacks, and adds it.
// npm leaves an optional package out of the lock file where a registry does not offer it (mirrors often carry Linux only),
// and `npm ci` then refuses the whole file, everywhere. An entry with its platform is enough: npm skips it on all others.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const words = process.argv.slice(2);
const folder = words.includes('--in')
  ? String(words[words.indexOf('--in') + 1])
  : fileURLToPath(new URL('../..', import.meta.url));
const path = join(folder, 'package-lock.json');
const OS = /(?:^|[-/])(android|darwin|freebsd|linux|openharmony|win32|sunos|aix|netbsd|openbsd)-/;
const CPU = /-(arm64|x64|ia32|ppc64|riscv64|s390x|arm)(?:-|$)/;
const LIBC = /-(musl|gnu)(?:eabihf)?$/;

/**
 * Adds an entry for each optional dependency that has none, and answers with their names.
 * @param {{ packages: Record<string, any> }} lock
 */
function complete(lock) {
  const added = [];
  for (const [parent, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isThere(lock, parent, name)) continue;
      const [os, cpu] = [OS.exec(name)?.[1], CPU.exec(name)?.[1]];
      if (!os || !cpu || !/^\d/.test(version))
        throw new Error(`${parent} needs ${name}@${version}, and its platform cannot be told from its name`);
      const { dev } = entry;
      const libc = LIBC.exec(name)?.[1] === undefined ? {} : { libc: [LIBC.exec(name)?.[1] === 'musl' ? 'musl' : 'glibc'] };
      const at = parent.includes('node_modules/')
        ? `${parent.slice(0, parent.lastIndexOf('node_modules/'))}node_modules/${name}`
        : '';
      lock.packages[at] = { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] };
      added.push(`${name}@${version}`);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return added;
}

/**
 * Looks where Node would look: in the parent's own node_modules, then outwards.
 * @param {{ packages: Record<string, unknown> }} lock
 * @param {string} parent
 * @param {string} name
 */
function isThere(lock, parent, name) {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

const lock = JSON.parse(readFileSync(path, 'utf8'));
const added = complete(lock);
const write = words.includes('--write');
if (write && added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
for (const name of added) console.log(`${write ? 'added' : 'missing'} ${name}`);
process.exitCode = write || added.length === 0 ? 0 : 1;
