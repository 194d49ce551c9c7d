// Where npm put SQLite's WASM. A release has it beside its programs.
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** sql.js is the controller's dependency, so that is where it is looked for. */
export const wasmPath = (root: string): string =>
  createRequire(join(root, 'controller/package.json')).resolve('sql.js/dist/sql-wasm.wasm');
