// The torrent processes of this process, as the kernel lists them.
import { readFileSync } from 'node:fs';

/** In the order of their start. */
export function enginePids(): readonly number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => pid !== '');
  return children.map(Number).filter((pid) => /engine-main\.ts|torrent-engine\.js/.test(commandOf(pid)));
}

/** One may end while it is looked at. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
