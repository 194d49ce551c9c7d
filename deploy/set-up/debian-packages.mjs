// Brings missing programs with apt where that is possible without asking, else says the exact command.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const INSTALL = fileURLToPath(new URL('install-packages.sh', import.meta.url));

/**
 * Answers null when all programs are there (or came), else one sentence with the command that brings the missing ones.
 * @param {readonly import('./needs.mjs').Need[]} needs
 * @param {(line: string) => void} say
 * @returns {string | null}
 */
export function bringPrograms(needs, say) {
  const missing = needs.filter((need) => !hasProgram(need.program));
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map((need) => need.package))];
  const command = `apt-get install ${packages.join(' ')}`;
  if (!hasProgram('apt-get'))
    return `Missing: ${missing.map((need) => need.program).join(', ')}; on Debian they come with: sudo ${command}`;
  const root = asRoot();
  if (root === null) return `Missing: ${missing.map((need) => need.program).join(', ')}; they come with: sudo ${command}`;
  say(`Installing ${packages.join(', ')} with apt ...`);
  const [program, ...first] = [...root, 'sh', INSTALL, '/usr/sbin/policy-rc.d', ...packages];
  const result = spawnSync(/** @type {string} */ (program), first, {
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.status === 0) return null;
  const last = String(result.stderr ?? '')
    .trim()
    .split('\n')
    .slice(-3)
    .join('\n');
  return `apt did not bring ${packages.join(', ')} (${last || result.error?.message || `exit ${result.status}`}); by hand: sudo apt-get update && sudo ${command}`;
}

/** The words before a command that make it root's, or null where that needs a password. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return sudo.status === 0 ? ['sudo', '-n'] : null;
}

/**
 * Daemons live in sbin, which is not in everybody's PATH.
 * @param {string} program
 */
function hasProgram(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
