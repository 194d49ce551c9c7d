// The programs as they are shipped, for tests that start some of them two hundred times.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Answers with their folder. @throws with what the build said. */
export async function buildPrograms(root: string): Promise<string> {
  const folder = join(root, 'node_modules/.cache/programs');
  await promisify(execFile)(process.execPath, [join(root, 'deploy/build/build.ts'), folder], { timeout: 120_000 });
  return folder;
}
