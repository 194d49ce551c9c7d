// When a process began, so that an id that was given to another one since is known.
import { readFileSync } from 'node:fs';

/** Field 22 of /proc/PID/stat (proc(5)), clock ticks since boot; null where there is no such process, or no /proc. */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
