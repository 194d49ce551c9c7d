// Which media servers are kept the same, and whether what `sync` says of servers fits to them.
import { asLoose, listOf, type SyncServer } from './schema-sync.ts';
import { across } from './schema-tools.ts';

const isSynced = ({ type }: { readonly type?: unknown }): boolean => type === 'jellyfin';

/** What stands in `sync` fits to `media_servers`. */
export const syncFits = across((config, tell) => {
  const sync = asLoose(config['sync']);
  const known = listOf(config['media_servers']);
  const wrongName = (name: unknown): string | null => {
    if (typeof name !== 'string') return null;
    const found = known.find((one) => one['name'] === name);
    if (found === undefined) return `"${name}" is not one of media_servers`;
    return isSynced(found) ? null : `"${name}" is no Jellyfin, and only those can be kept the same`;
  };
  const check = (name: unknown, path: readonly (string | number)[]): void => {
    const sentence = wrongName(name);
    if (sentence !== null) tell(['sync', ...path], sentence);
  };
  // A section that passed is transformed already, so its names are the inner ones.
  const servers = Array.isArray(sync['servers']) ? listOf(sync['servers']) : known.filter(isSynced);
  if (Array.isArray(sync['servers']))
    for (const [index, one] of servers.entries()) check(one['name'], ['servers', index, 'name']);
  for (const [index, map] of listOf(sync['pathMaps']).entries()) check(map['server'], ['path_maps', index, 'server']);
  for (const [person, names] of Object.entries(asLoose(sync['userMap'])))
    for (const name of Object.keys(asLoose(names))) check(name, ['user_map', person, name]);
  if (sync['enabled'] !== true) return;
  const ways = servers.map(({ direction }) => direction ?? 'both');
  if (servers.length < 2)
    tell(
      ['sync', 'enabled'],
      `needs two Jellyfin servers to keep the same; there ${servers.length === 1 ? 'is one' : 'is none'}`,
    );
  else if (!ways.some((way) => way !== 'target')) tell(['sync', 'servers'], 'are all targets: nothing would come from anywhere');
  else if (!ways.some((way) => way !== 'source')) tell(['sync', 'servers'], 'are all sources: nothing would go anywhere');
});

/** The servers that are kept the same: the named ones, else every Jellyfin. */
export function syncedServers(
  named: readonly SyncServer[] | null,
  mediaServers: readonly { readonly name: string; readonly type: string }[],
): SyncServer[] {
  if (named !== null) return [...named];
  return mediaServers.filter(isSynced).map(({ name }) => ({
    name,
    direction: 'both' as const,
    passwordless: false,
    webhookSecret: null,
    secretInUrl: false,
    configurePlugin: true,
  }));
}
