// A simulated Jellyfin with two people, and a watch on it.
import { type JellyfinSimulator, startJellyfinSimulator } from '../../../deploy/demo/jellyfin/jellyfin-simulator.ts';
import type { JellyfinOptions } from '../../src/jellyfin/open-jellyfin.ts';
import { openTest, watched } from './neighbours.ts';

export const HOME = { users: [{ name: 'anna' }, { name: 'ben' }], network: { KnownProxies: ['127.0.0.1'] } };

export const film = (sim: JellyfinSimulator, name: string): string => {
  const found = sim.items.find((item) => item.name === name);
  if (!found) throw new Error(`No film ${name}`);
  return found.id;
};
export const gets = (sim: JellyfinSimulator, path = '/Sessions') =>
  sim.requests().filter((request) => request.by === 'key' && request.method === 'GET' && request.path === path).length;

export const watchedSimulator = async (
  options: Parameters<typeof startJellyfinSimulator>[0],
  server: Partial<JellyfinOptions> = {},
) => {
  const sim = await startJellyfinSimulator({ ...HOME, ...options });
  const watch = watched(openTest(sim, server));
  return {
    sim,
    ear: watch.ear,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await sim[Symbol.asyncDispose]();
    },
  };
};
