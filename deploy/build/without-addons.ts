// esbuild plugin: native add-ons cannot go into one file that runs on every machine, so asking for one throws.
import type { Plugin } from 'esbuild';

/** Those that webtorrent brings: ws, which finds them installed then, catches the error and does without, as does the rest. */
const TORRENTS = '^(?:bufferutil|utf-8-validate|utp-native|fs-native-extensions)$';

/** ssh2 catches the error and uses Node's own crypto and a WASM poly1305 instead (facts: 1.17 does so for both of its add-ons). */
export const withoutAddons: Plugin = {
  name: 'without-addons',
  setup(build) {
    build.onResolve({ filter: new RegExp(`\\.node$|^cpu-features$|^pg-native$|${TORRENTS}`) }, ({ path }) => ({
      path,
      namespace: 'without-addons',
    }));
    build.onLoad({ filter: /.*/, namespace: 'without-addons' }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is a native add-on, which this bundle leaves out`)});`,
      loader: 'js',
    }));
  },
};
