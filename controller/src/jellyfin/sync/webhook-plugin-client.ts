// The webhook plugin of a Jellyfin: whether it is there, and our two entries in its configuration.
import * as z from 'zod';
import { ControllerError } from '../../errors.ts';
import type { HookPlugin } from '../../neighbours/synced-hints.ts';
import type { JellyfinHttp } from '../jellyfin-http.ts';
import { type PluginConfiguration, pluginConfiguration, withOurs, withoutOurs } from './webhook-option.ts';

const PLUGIN_ID = '71552a5a5c5c4350a2aeebe451a30173';
/** How often another writer of the same configuration may come in between. */
const ATTEMPTS = 3;

const plugins = z.array(z.object({ Id: z.string(), Version: z.string().nullish(), Status: z.string().nullish() }));

const PATH = `/Plugins/${PLUGIN_ID}/Configuration`;

/** Whole, last writer wins: so it is read back. `change` answers null where nothing is left to be done. */
const change = async (
  http: JellyfinHttp,
  wanted: (standing: PluginConfiguration) => PluginConfiguration | null,
  signal: AbortSignal,
): Promise<'unchanged' | 'written'> => {
  for (let attempt = 0; attempt <= ATTEMPTS; attempt += 1) {
    const next = wanted(await http.ask(pluginConfiguration, { path: PATH, signal }));
    if (next === null) return attempt === 0 ? 'unchanged' : 'written';
    if (attempt === ATTEMPTS) break;
    const headers = { 'content-type': 'application/json' };
    await http.send({ method: 'POST', path: PATH, headers, body: JSON.stringify(next), repeatable: true, signal });
  }
  throw new ControllerError('upstream_failed', `${http.who}: the webhook plugin's configuration does not stay as written`);
};

/**
 * Uses the server's own HTTP client, and with it its rest after a refused key.
 * @param name of our entries there, and of nobody else's: two controllers at one server need two
 */
export const createWebhookPluginClient = (http: JellyfinHttp, name = 'Headgate'): HookPlugin => ({
  async installed(signal) {
    const all = await http.ask(plugins, { path: '/Plugins', signal });
    const found = all.find(({ Id: id }) => id.replaceAll('-', '').toLowerCase() === PLUGIN_ID);
    if (found === undefined) return null;
    const status = found.Status ?? 'Active';
    return { version: found.Version ?? '', isActive: status === 'Active', status };
  },
  ensure: (target, signal) => change(http, (standing) => withOurs(standing, name, target), signal),
  remove: (signal) => change(http, (standing) => withoutOurs(standing, name), signal),
});
