// Where our own programs lie that demo, tests and benches start: their sources, or bundles that were made of them just now.
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export type OurProgram = 'controller' | 'agent-router' | 'agent-node';

/** Set by whoever has just built them, for all that it starts: a bundle starts in half the time. Else a change of the source counts at once. */
export const BUNDLES_VARIABLE = 'HEADGATE_BUNDLES';

/** @param bundles the folder of the bundles, as `npm run build` makes it. */
export const programPath = (name: OurProgram, bundles = process.env[BUNDLES_VARIABLE]): string =>
  bundles === undefined ? join(ROOT, name, 'src/main.ts') : join(bundles, `${name}.js`);
