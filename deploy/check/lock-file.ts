// Gate: `npm ci` will take the lock file, on every platform (see deploy/set-up/complete-lock.mjs).
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Gate } from './gate.ts';

export const lockFile: Gate = {
  name: 'lock-file',
  async look(tree) {
    const script = join(import.meta.dirname, '../set-up/complete-lock.mjs');
    const lines = await new Promise<string>((done) => {
      execFile(process.execPath, [script, '--in', tree.root], (error, stdout) =>
        done(error === null ? '' : stdout || error.message),
      );
    });
    const faults = lines.split('\n').filter((line) => line !== '');
    const there = tree.files.includes('package-lock.json') ? 1 : 0;
    return { read: there, expected: 1, faults: faults.map((line) => `package-lock.json:1: ${line}`) };
  },
};
