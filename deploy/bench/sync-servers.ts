// Two simulated Jellyfins as processes with the same films, and the shipped controller that keeps them the same.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort } from '../demo/free-port.ts';
import { startJellyfinSimulator } from '../demo/jellyfin/jellyfin-simulator.ts';
import type { LibrarySeed } from '../demo/jellyfin/library-seeds.ts';
import { createProgram, type Program } from '../demo/program.ts';
import { type Api, logIn } from '../test/end-to-end/fixtures/api.ts';
import { type JellyfinProcess, startJellyfin } from './jellyfin-process.ts';

export const SECRET = 'a-secret-of-the-bench';
const PASSWORD = 'an-admin-password';
const USER = 'admin';

export type BenchServer = {
  readonly name: string;
  readonly jellyfin: JellyfinProcess;
  readonly userId: string;
  /** Of each film, in the order of their numbers. */
  readonly itemIds: readonly string[];
  /** JSON of a GET by key. */
  get<Answer>(path: string): Promise<Answer>;
};

export type SyncServers = AsyncDisposable & {
  readonly controller: Program;
  readonly httpUrl: string;
  /** A person who is logged in. */
  readonly api: Api;
  readonly source: BenchServer;
  readonly target: BenchServer;
  /** From the controller's start until every user of both was compared. */
  readonly comparedMs: number;
};

export type SyncServersOptions = {
  readonly bundles: string;
  readonly films: number;
  /** What the one user has of each film before all begins; on both servers. */
  readonly watched?: (
    film: number,
  ) => { readonly played: boolean; readonly playCount: number; readonly lastPlayedDate: string } | null;
};

/** The same films in another folder on each, known by their ids of TMDB. */
const filmsOf = (server: string, films: number): LibrarySeed => ({
  name: `Films of ${server}`,
  films: Array.from({ length: films }, (_, n) => ({
    name: `Film ${n}`,
    runtimeMs: 5_400_000,
    providerIds: { Tmdb: String(n + 1) },
  })),
});

/** Started; each server's user was compared whole. */
export async function startSyncServers({ bundles, films, watched }: SyncServersOptions): Promise<SyncServers> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'headgate-bench-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const servers: BenchServer[] = [];
  for (const name of ['attic', 'barn']) servers.push(await startServer(undo, { name, home: join(folder, name), films, watched }));
  const [source, target] = servers;
  if (source === undefined || target === undefined) throw new Error('two servers were to be started');
  const ports = { http: await freePort(), mqtt: await freePort() };
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  const file = join(folder, 'controller.yaml');
  const config = {
    http: { listen: `127.0.0.1:${ports.http}`, public_url: `http://127.0.0.1:${ports.http}` },
    auth: { admin_password: PASSWORD },
    database: { path: data },
    mqtt: { listen: `127.0.0.1:${ports.mqtt}` },
    channels: { enabled: false },
    media_servers: servers.map(({ name, jellyfin }) => ({ name, type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey })),
    // Looking is for what no hook told: here all is told.
    sync: {
      enabled: true,
      servers: servers.map(({ name }) => ({ name, webhook_secret: SECRET })),
      reconcile: { quick: '1h' },
      progress_debounce_seconds: 0,
    },
  };
  await writeFile(file, stringify(config), { mode: 0o600 });
  const controller = undo.use(
    createProgram({
      name: 'controller',
      args: [join(bundles, 'controller.js'), '--config', file],
      env: { XDG_STATE_HOME: folder, NO_COLOR: '1' },
      readyText: 'Headgate runs',
    }),
  );
  await controller.start();
  const from = performance.now();
  for (const { name } of servers)
    await controller.waitFor(
      ({ text, server }) => server === name && text?.includes('compared whole for the first time') === true,
      300_000,
    );
  const comparedMs = performance.now() - from;
  const httpUrl = `http://127.0.0.1:${ports.http}`;
  const api = await logIn({ httpUrl, adminPassword: PASSWORD });
  const kept = undo.move();
  return {
    ...{ comparedMs, api },
    controller,
    source,
    target,
    httpUrl,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Starting = {
  readonly name: string;
  readonly home: string;
  readonly films: number;
  readonly watched: SyncServersOptions['watched'];
};

async function startServer(undo: AsyncDisposableStack, { name, home, films, watched }: Starting): Promise<BenchServer> {
  await mkdir(home, { recursive: true });
  const library = [filmsOf(name, films)];
  if (watched !== undefined) await fill(join(home, 'jellyfin.json'), library, watched);
  const jellyfin = undo.use(await startJellyfin(home, library));
  const headers = { authorization: `MediaBrowser Token="${jellyfin.apiKey}"` };
  const get = async <Answer>(path: string): Promise<Answer> => {
    const answer = await fetch(`${jellyfin.url}${path}`, { headers });
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status}`);
    return (await answer.json()) as Answer;
  };
  const users = await get<readonly { readonly Id: string; readonly Name: string }[]>('/Users');
  const userId = users.find(({ Name: own }) => own === USER)?.Id ?? '';
  const found = await get<{ readonly Items: readonly { readonly Id: string; readonly Name: string }[] }>(
    `/Items?userId=${userId}&recursive=true&includeItemTypes=Movie&enableUserData=false`,
  );
  const numbered = found.Items.toSorted((a, b) => Number(a.Name.slice(5)) - Number(b.Name.slice(5)));
  return { ...{ name, jellyfin, userId, get }, itemIds: numbered.map(({ Id }) => Id) };
}

/** By a simulator of this process, whose state the other one takes over. */
async function fill(
  stateFile: string,
  library: readonly LibrarySeed[],
  watched: NonNullable<SyncServersOptions['watched']>,
): Promise<void> {
  await using sim = await startJellyfinSimulator({ stateFile, library, admin: { name: USER, password: 'adminpw' } });
  for (const [n, { id }] of sim.items.filter(({ type }) => type === 'Movie').entries()) {
    const patch = watched(n);
    if (patch !== null)
      sim.importWatched(USER, id, { played: patch.played, playCount: patch.playCount, lastPlayed: patch.lastPlayedDate });
  }
  await wait(0);
}
