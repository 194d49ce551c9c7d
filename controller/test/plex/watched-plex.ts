// A simulated Plex, an adapter for it that keeps what it logs, and a watch on it.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { type PlexSimulator, type PlexSimulatorOptions, startPlexSimulator } from '../../../deploy/demo/plex/plex-simulator.ts';
import type { Log } from '../../src/log.ts';
import { openPlex, type PlexOptions, type PlexServer } from '../../src/plex/open-plex.ts';
import { fastClock, watched } from '../neighbours/watched.ts';

type Line = { readonly level: string; readonly text: string; readonly fields: unknown };

/** A log that is kept. */
const keptLog = (): { log: Log; lines: Line[] } => {
  const lines: Line[] = [];
  const at = (level: string) => (fields: unknown, text: string) => void lines.push({ level, text, fields });
  const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), child: () => log };
  return { log, lines };
};

export type Target = { readonly url: string; readonly token: string };

export const openTest = ({ url, token }: Target, options: Partial<PlexOptions> = {}): PlexServer =>
  openPlex({
    name: 'cinema',
    url,
    token,
    onUplink: true,
    pauseGraceMs: 60_000,
    limitStreams: false,
    clientId: 'headgate-test',
    version: '1.2.3',
    clock: fastClock(1),
    log: keptLog().log,
    ...options,
  });

/** A server of a test's own as a target; ends when disposed of. */
export const listening = async (http: Server): Promise<Target & AsyncDisposable> => {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    token: 'k',
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
    },
  };
};

/** GETs of the list so far. */
export const looks = (sim: PlexSimulator): number => sim.requests().filter(({ path }) => path === '/status/sessions').length;

export const watchedPlex = async (options: PlexSimulatorOptions = {}, server: Partial<PlexOptions> = {}) => {
  const sim = await startPlexSimulator(options);
  const { log, lines } = keptLog();
  const watch = watched(openTest(sim, { log, ...server }));
  return {
    sim,
    ear: watch.ear,
    lines,
    async [Symbol.asyncDispose]() {
      await watch[Symbol.asyncDispose]();
      await sim[Symbol.asyncDispose]();
    },
  };
};
