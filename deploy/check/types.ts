// Gate: the TypeScript compiler, with every strict flag, over all workspaces.
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from './gate.ts';
import { runTool } from './run-tool.ts';
import { isForeign } from './tree.ts';

export const types: Gate = {
  name: 'types',
  async look(tree) {
    const output = await runTool('tsc', ['-p', '.', '--noEmit', '--listFiles', '--pretty', 'false'], tree.root);
    const lines = output.split('\n');
    const seen = new Set(lines);
    const wanted = tree.files.filter((path) => path.endsWith('.ts') && !isForeign(path));
    const root = realpathSync(tree.root);
    return {
      read: wanted.filter((path) => seen.has(join(root, path))).length,
      expected: wanted.length,
      faults: lines
        .filter((line) => /\berror TS\d+:/.test(line))
        .map((line) => line.replace(/^(.+)\((\d+),\d+\): error (TS\d+)/, '$1:$2: $3')),
    };
  },
};
