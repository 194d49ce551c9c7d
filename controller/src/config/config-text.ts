// A configuration that came as a text from elsewhere: checked as a file is, but no file and no variable of this machine is read for it.
import type { ConfigValues } from './config-schema.ts';
import { checkValues } from './load-config.ts';
import type { SchemaDeps } from './schema-tools.ts';
import { readYaml } from './yaml-source.ts';

/** Stands for what lies in a file that is named. */
const UNREAD = { secret: 'not read', text: '-----BEGIN not read' } as const;

/**
 * Variables stay as they are written, and secrets are not what the files hold: fit for what is decided, not for reaching anybody.
 * @throws ControllerError config_invalid with a line for each problem.
 */
export async function readConfigText(text: string, algorithms: readonly string[]): Promise<ConfigValues> {
  const deps: SchemaDeps = { algorithms, readFile: async (_, kind) => ({ ok: UNREAD[kind] }), absolute: (path) => path };
  const source = readYaml(text.replace(/^\uFEFF/, ''), null);
  return await checkValues('configuration', { source, given: { value: source.value, problems: [] } }, deps);
}
