// One program with all that it imports, as one file that needs Node and nothing else.
import { statSync } from 'node:fs';
import { build } from 'esbuild';
import { lighterMqtt } from './lighter-mqtt.ts';
import { withoutAddons } from './without-addons.ts';

export type Program = {
  readonly entry: string;
  readonly outfile: string;
  /** The oldest Node that runs it: OpenWrt up to 24.10 packages Node 20. */
  readonly target: 'node20' | 'node24';
  /** For a router's flash: short names, and nothing of a library that a router never asks for. Stack traces are hard to read. */
  readonly smallest: boolean;
};

/**
 * CommonJS, since a lone `.js` without a package.json beside it is that to every Node. So main files cannot have `await` at top level.
 * @returns size in bytes. @throws esbuild's BuildFailure, with places.
 */
export async function bundle({ entry, outfile, target, smallest }: Program): Promise<number> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target,
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: smallest,
    legalComments: 'linked',
    logLevel: 'warning',
    // What stands beside a source file stands beside the bundle.
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    plugins: smallest ? [withoutAddons, lighterMqtt] : [withoutAddons],
  });
  return statSync(outfile).size;
}
