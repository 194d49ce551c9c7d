// Gate: knip. No file, export or dependency that nobody uses, and none that is used without being declared.
import { join, relative } from 'node:path';
import type { Gate } from './gate.ts';
import { runTool } from './run-tool.ts';
import { isForeign } from './tree.ts';

type Report = {
  processed: number;
  faults: readonly { kind: string; filePath: string; symbol: string; line?: number }[];
};

const TEXT: Readonly<Record<string, string>> = {
  files: 'nobody imports this file',
  exports: 'is exported and used nowhere else',
  types: 'is exported and used nowhere else',
  dependencies: 'is a dependency that nobody uses',
  devDependencies: 'is a dependency that nobody uses',
  unlisted: 'is used but not declared in package.json',
  unresolved: 'does not resolve',
};

export const deadCode: Gate = {
  name: 'dead-code',
  async look(tree) {
    const reporter = join(import.meta.dirname, 'knip-reporter.mjs');
    const output = await runTool('knip', ['--no-progress', '--no-config-hints', '--reporter', reporter], tree.root);
    const { processed, faults }: Report = JSON.parse(output);
    return {
      read: processed,
      expected: tree.files.filter((path) => /^[^/]+\/.*\.(ts|mjs)$/.test(path) && !isForeign(path)).length,
      faults: faults.map(
        ({ kind, filePath, symbol, line }) =>
          `${relative(tree.root, filePath)}:${line ?? 1}: ${kind === 'files' ? '' : `${symbol} `}${TEXT[kind] ?? kind}`,
      ),
    };
  },
};
