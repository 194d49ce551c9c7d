// Makes tap fit for TypeScript that Node runs by itself: as npm brings it, tap is built with a TypeScript plugin that knows no TypeScript 7.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Builds tap's test class with the plugins of .taprc, where that was not done since the last `npm ci`. tap would do it itself in its
 * first run, but the test files of that very run still get the class of before, and fail.
 */
export async function buildTap(root: string, say: (line: string) => void): Promise<void> {
  const built = join(root, 'node_modules/@tapjs/test/test-built/dist/esm/index.js');
  if (existsSync(built) && !readFileSync(built, 'utf8').includes('@tapjs/typescript')) return;
  say('Building tap for this project (some 15 seconds, once) ...');
  await new Promise<void>((done, fail) => {
    execFile(join(root, 'node_modules/.bin/tap'), ['build'], { cwd: root, timeout: 300_000 }, (error, stdout, stderr) => {
      if (error === null) done();
      else fail(new Error(`tap build failed: ${`${stdout}${stderr}`.trim().split('\n').slice(-5).join('\n')}`, { cause: error }));
    });
  });
}
