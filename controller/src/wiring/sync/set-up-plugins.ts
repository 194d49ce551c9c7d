// Has each server's webhook plugin send to us, where it is installed, and looks now and then whether it still does.
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config-schema.ts';
import { isAbort, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { HookSecrets } from '../../sync/intake/hook-secrets.ts';
import type { LibraryServer } from '../open-media-server.ts';
import { publicBase } from '../television/settings-of-config.ts';

export type PluginsDeps = {
  readonly config: Config;
  readonly servers: readonly LibraryServer[];
  readonly secrets: Pick<HookSecrets, 'textOf'>;
  /** Whether hooks of this server are to come. */
  expect(server: string, isExpected: boolean): void;
  readonly clock: Clock;
  readonly log: Log;
};

/** A server that was updated may have lost its plugin, or got one. */
const EACH_MS = 3_600_000;
const AGAIN_MS = 60_000;

/** Never rejects. */
export async function setUpPlugins(deps: PluginsDeps, signal: AbortSignal): Promise<void> {
  const wanted = deps.servers.filter(({ name }) =>
    deps.config.sync.servers.some((one) => one.name === name && one.configurePlugin),
  );
  await Promise.all(wanted.map((server) => keepSetUp(deps, server, signal)));
}

async function keepSetUp(deps: PluginsDeps, server: LibraryServer, signal: AbortSignal): Promise<void> {
  let said = '';
  const say = (text: string, isGood: boolean): void => {
    if (text !== said) deps.log[isGood ? 'info' : 'warn']({ server: server.name }, text);
    said = text;
  };
  while (!signal.aborted) {
    let waitMs = EACH_MS;
    try {
      const { stands, text } = await setUp(deps, server, signal);
      deps.expect(server.name, stands);
      say(text, true);
    } catch (error) {
      if (isAbort(error) && signal.aborted) return;
      say(`its webhook plugin cannot be looked at: ${messageOf(error)}`, false);
      waitMs = AGAIN_MS;
    }
    await deps.clock.sleep(waitMs, signal).catch(() => {});
  }
}

type SetUp = { readonly stands: boolean; readonly text: string };

const not = (text: string): SetUp => ({ stands: false, text });

async function setUp({ config, secrets }: PluginsDeps, { name, sync }: LibraryServer, signal: AbortSignal): Promise<SetUp> {
  const base = publicBase(config);
  if (base === null) return not('its webhook plugin is left alone: http.public_url is missing, so it could not reach us');
  const plugin = await sync.hookPlugin.installed(signal);
  if (plugin === null) return not('it has no webhook plugin: changes are found by looking each minute');
  if (!plugin.isActive) return not(`its webhook plugin is not active: ${plugin.status}`);
  const url = `${base.replace(/\/+$/, '')}/webhook/${encodeURIComponent(name)}`;
  await sync.hookPlugin.ensure({ url, header: { name: 'X-Headgate-Secret', value: secrets.textOf(name) } }, signal);
  return { stands: true, text: 'its webhook plugin tells us of changes' };
}
