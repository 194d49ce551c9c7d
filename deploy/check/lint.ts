// Gate: Biome, for form and habits. Warnings count as faults: what may stay is switched off in biome.json, for all to see.
import type { Gate } from './gate.ts';
import { runTool } from './run-tool.ts';
import { isForeign } from './tree.ts';

type Report = {
  summary: { changed: number; unchanged: number };
  diagnostics: readonly {
    severity: string;
    category?: string;
    message: string;
    location?: { path: string; start?: { line: number } };
  }[];
};

/** npm owns its lock file, Biome leaves it alone. */
const isLinted = (path: string): boolean => /\.(ts|mjs|js|json)$/.test(path) && !isForeign(path) && path !== 'package-lock.json';

export const lint: Gate = {
  name: 'lint',
  async look(tree) {
    const output = await runTool('biome', ['check', '--reporter=json', '--max-diagnostics=none', '.'], tree.root);
    const { summary, diagnostics }: Report = JSON.parse(output.slice(output.indexOf('{')));
    const faults = diagnostics
      .filter(({ severity }) => severity !== 'information' && severity !== 'hint')
      .map(
        ({ category, message, location }) =>
          `${location?.path ?? '?'}:${location?.start?.line ?? 1}: ${category ?? 'biome'}: ${message}`,
      );
    return { read: summary.changed + summary.unchanged, expected: tree.files.filter(isLinted).length, faults };
  },
};
