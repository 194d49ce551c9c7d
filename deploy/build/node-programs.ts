// The files that a node is made of: its program, the program's thread, and the torrent process, which the controller has as well.
import { join } from 'node:path';
import { bundle } from './bundle.ts';

const ROOT = join(import.meta.dirname, '../..');

/** @property source from the repository's root. */
export const NODE_PROGRAMS = [
  { name: 'agent-node.js', source: 'agent-node/src/main.ts', host: 'server' },
  { name: 'hash-worker.js', source: 'agent-node/src/library/hash-worker.ts', host: 'server' },
  { name: 'torrent-engine.js', source: 'agent-node/src/torrent/engine-main.ts', host: 'server' },
] as const;

/** Into a folder that says `"type": "module"`. */
export async function bundleNode(folder: string): Promise<void> {
  for (const { name, source, host } of NODE_PROGRAMS)
    await bundle({ entry: join(ROOT, source), outfile: join(folder, name), host });
}
