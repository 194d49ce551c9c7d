// Where the configuration file is looked for, and where data goes when nobody says where.
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The environment, as handed in by main. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Where a configuration is looked for when neither `--config` nor HEADGATE_CONFIG nor CONFIG_PATH says where. */
function searchOrder(env: Env): readonly string[] {
  const { XDG_CONFIG_HOME, HOME } = env;
  return [
    resolve('controller.yaml'),
    join(XDG_CONFIG_HOME || join(HOME || homedir(), '.config'), 'headgate', 'controller.yaml'),
    '/etc/headgate/controller.yaml',
  ];
}

/** Absolute path; null where none was named and none is found. One that was named must exist: the caller's reading of it fails. */
export async function findConfig(named: string | undefined, env: Env): Promise<string | null> {
  const { HEADGATE_CONFIG, CONFIG_PATH } = env;
  // The second is jellyfin-db-sync's name for it.
  const wanted = named ?? (HEADGATE_CONFIG || CONFIG_PATH || undefined);
  if (wanted !== undefined) return resolve(wanted);
  for (const candidate of searchOrder(env)) {
    // One that exists but cannot be read is an error later on, not a reason to run with defaults.
    const exists = await access(candidate).then(
      () => true,
      () => false,
    );
    if (exists) return candidate;
  }
  return null;
}

/** systemd's StateDirectory goes first, then the XDG folder. */
export function dataFolder(env: Env): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME, HOME } = env;
  const [given] = (STATE_DIRECTORY ?? '').split(':');
  return given || join(XDG_STATE_HOME || join(HOME || homedir(), '.local', 'state'), 'headgate');
}
