// One program with all that it imports, as one file that needs Node and nothing else.
import { statSync } from 'node:fs';
import { type BuildOptions, build } from 'esbuild';
import { lighterMqtt } from './lighter-mqtt.ts';
import { lighterTorrents } from './lighter-torrents.ts';
import { withoutAddons } from './without-addons.ts';

export type Program = {
  readonly entry: string;
  readonly outfile: string;
  /** A server runs Node 24. A router runs the Node 20 that OpenWrt up to 24.10 packages, from a small flash. */
  readonly host: 'server' | 'router';
};

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

/** Packages of the older kind look for what their kind of module has. */
const SERVER: BuildOptions = {
  ...COMMON,
  format: 'esm',
  target: 'node24',
  // Node 24 has it. As esbuild writes it for older ones, an error in one turn of a loop is thrown again in the next.
  supported: { using: true },
  banner: {
    js: [
      "import { createRequire as bundleRequire } from 'node:module';",
      'const require = bundleRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
    ].join(' '),
  },
  plugins: [withoutAddons, lighterTorrents],
};

/**
 * CommonJS, since a lone `.js` is that to every Node 20; but beside a package.json that says "module" (as in dist/) it runs as well.
 * So the entry cannot have `await` at top level. Short names make it smaller and its stack traces hard to read.
 */
const ROUTER: BuildOptions = {
  ...COMMON,
  format: 'cjs',
  target: 'node20',
  minifyIdentifiers: true,
  define: { 'import.meta.url': 'bundleUrl' },
  banner: {
    js: [
      "var require = typeof require === 'function' ? require : process.getBuiltinModule('node:module').createRequire(process.argv[1]);",
      "var __dirname = typeof __dirname === 'string' ? __dirname : require('node:path').dirname(process.argv[1]);",
      "const bundleUrl = require('node:url').pathToFileURL(process.argv[1]).href;",
    ].join(' '),
  },
  plugins: [withoutAddons, lighterMqtt],
};

/** @returns size in bytes. @throws esbuild's BuildFailure, with places. */
export async function bundle({ entry, outfile, host }: Program): Promise<number> {
  await build({ ...(host === 'server' ? SERVER : ROUTER), entryPoints: [entry], outfile });
  return statSync(outfile).size;
}
