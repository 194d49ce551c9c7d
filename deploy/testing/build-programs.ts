// The programs as they are shipped, for tests that start some of them two hundred times: a bundle starts in half the time of its sources.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Answers with what tells deploy/demo/our-programs.ts of them; nothing where the project builds no programs. @throws with what the build said. */
export async function buildPrograms(root: string): Promise<Readonly<Record<string, string>>> {
  const build = join(root, 'deploy/build/build.ts');
  if (!existsSync(build)) return {};
  const folder = join(root, 'node_modules/.cache/programs');
  await promisify(execFile)(process.execPath, [build, folder], { timeout: 120_000 });
  return { HEADGATE_BUNDLES: folder };
}
