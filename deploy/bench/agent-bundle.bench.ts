// The router agent's bundle: what it takes of a router's flash.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../build/bundle.ts';
import { type Bench, judge } from './bench-line.ts';

export const bench: Bench = {
  name: 'agent-bundle',
  async lines() {
    const folder = mkdtempSync(join(tmpdir(), 'headgate-bundle-'));
    try {
      const entry = join(import.meta.dirname, '../../agent-router/src/main.ts');
      const size = await bundle({ entry, outfile: join(folder, 'agent-router.js'), host: 'router' });
      return [
        judge(
          { name: 'agent-bundle', line: 'size of agent-router.js', value: Math.ceil(size / 1024), unit: 'KiB' },
          { atMost: 900 },
        ),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
