// Where our own programs lie that demo, tests and benches start: their sources, or bundles that were made of them just now.
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export type OurProgram = 'controller' | 'agent-router' | 'agent-node';

/**
 * @param bundles their folder, as `npm run build` makes it. HEADGATE_BUNDLES is set by who has just built them, for all that it starts;
 * without it a change of the source counts at once.
 */
export const programPath = (name: OurProgram, bundles = process.env['HEADGATE_BUNDLES']): string =>
  bundles === undefined ? join(ROOT, name, 'src/main.ts') : join(bundles, `${name}.js`);
