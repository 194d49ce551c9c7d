// The bundles as `npm run build` makes them from the sources that stand now, in a folder of their own.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const BUILD = join(import.meta.dirname, '../build/build.ts');

/** Gone with its owner. @throws where the build fails, with what it said. */
export async function freshBuild(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'headgate-built-'));
  await promisify(execFile)(process.execPath, [BUILD, folder]);
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
