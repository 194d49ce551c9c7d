// A whole home on loopback: router, Jellyfin and qBittorrent as neighbours, our controller and router agent as real processes between them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type JellyfinSimulator, startJellyfinSimulator } from './jellyfin/jellyfin-simulator.ts';
import type { SimulatorOptions } from './jellyfin/simulator-options.ts';
import { createProgram, type Program } from './program.ts';
import { startQbittorrent } from './qbittorrent/start-qbittorrent.ts';
import { type QbittorrentSimulator, startQbittorrentSimulator } from './qbittorrent/start-qbittorrent-simulator.ts';
import { type RouterSimulator, startRouterSimulator } from './router/start-router-simulator.ts';

export type HomeOptions = {
  readonly jellyfin?: SimulatorOptions;
  /** `simulator` 5.2.3, or the real qbittorrent-nox. */
  readonly torrents?: 'simulator' | 'real';
  /** What the torrents would send if nothing limited them; bit/s. */
  readonly torrentWantBps?: number;
  /** Other people's uploads at home; bit/s. */
  readonly otherBps?: number;
  /** Rate of the router's shaper; kbit/s as UCI has it. */
  readonly upKbit?: number;
  readonly downKbit?: number;
  /** Laid over the controller's configuration, section by section. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Folder of what `npm run build` makes, to be run instead of the sources. */
  readonly bundles?: string;
  /** Node's own flags for the controller, e.g. `--import`. */
  readonly controllerFlags?: readonly string[];
  /** Default true. */
  readonly withAgent?: boolean;
  readonly reach?: 'ssh' | 'ubus';
};

export type SimulatedHome = AsyncDisposable & {
  readonly folder: string;
  readonly jellyfin: JellyfinSimulator;
  readonly torrents: Torrents;
  readonly router: RouterSimulator;
  readonly controller: Program;
  readonly agent: Program;
  readonly configFile: string;
  readonly dataFolder: string;
  readonly mqttUrl: string;
  readonly httpUrl: string;
  readonly adminPassword: string;
  /** Broker user that reads everything and writes `bandwidth/set`. */
  readonly mqttUser: { readonly username: string; readonly password: string };
  setOtherBps(bps: number): void;
  /** Starts controller and agent; resolves when both run. */
  start(): Promise<void>;
};

export type Torrents = {
  readonly url: string;
  readonly kind: 'simulator' | 'real';
  /** Null with the real one. */
  readonly simulator: QbittorrentSimulator | null;
};

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TORRENT_PASSWORD = 'a-torrent-password';
const ADMIN_PASSWORD = 'an-admin-password';
const AGENT_PASSWORD = 'an-agent-password';
const HOUSE_PASSWORD = 'a-house-password';
const COUPLE_EACH_MS = 200;
const BITS = 8;

/** Neighbours run when it resolves; controller and agent wait for `start()`. */
export async function startSimulatedHome(options: HomeOptions = {}): Promise<SimulatedHome> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'headgate-home-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const jellyfin = undo.use(await startJellyfinSimulator(options.jellyfin ?? {}));
  const torrents = await openTorrents(options, undo);
  const router = undo.use(await startRouterSimulator());
  router.setShaper(options.upKbit ?? 40_000, options.downKbit ?? 200_000);
  let otherBps = options.otherBps ?? 3_000_000;
  const couple = setInterval(() => {
    const torrentBps = (torrents.simulator?.rates().upload ?? 0) * BITS;
    router.setTraffic(Math.round(jellyfin.traffic().upBps + torrentBps * 1.05 + otherBps), 8_000_000);
  }, COUPLE_EACH_MS);
  undo.defer(() => clearInterval(couple));
  const ports = { http: await freePort(), mqtt: await freePort() };
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder, { mode: 0o700 });
  const configFile = join(folder, 'controller.yaml');
  await writeFile(configFile, stringify(controllerConfig(options, { jellyfin, torrents, ports, dataFolder })), { mode: 0o600 });
  const agentFile = join(folder, 'agent-router.yaml');
  await writeFile(agentFile, stringify(agentConfig(options, router, { mqttPort: ports.mqtt, folder })), { mode: 0o600 });
  const script = (source: string, bundle: string): string =>
    options.bundles === undefined ? join(ROOT, source) : join(options.bundles, bundle);
  const env = { XDG_STATE_HOME: folder, NO_COLOR: '1' };
  const controller = undo.use(
    createProgram({
      name: 'controller',
      args: [...(options.controllerFlags ?? []), script('controller/src/main.ts', 'controller.js'), '--config', configFile],
      env,
      readyText: 'Headgate runs',
    }),
  );
  const agent = undo.use(
    createProgram({
      name: 'agent-router',
      args: [script('agent-router/src/main.ts', 'agent-router.js'), '--config', agentFile],
      env,
      readyText: 'connected to the broker',
    }),
  );
  const kept = undo.move();
  return {
    folder,
    jellyfin,
    torrents,
    router,
    controller,
    agent,
    configFile,
    dataFolder,
    mqttUrl: `mqtt://127.0.0.1:${ports.mqtt}`,
    httpUrl: `http://127.0.0.1:${ports.http}`,
    adminPassword: ADMIN_PASSWORD,
    mqttUser: { username: 'house', password: HOUSE_PASSWORD },
    setOtherBps(bps) {
      otherBps = bps;
    },
    async start() {
      await controller.start();
      if (options.withAgent !== false) await agent.start();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function openTorrents(
  { torrents = 'simulator', torrentWantBps = 80_000_000 }: HomeOptions,
  undo: AsyncDisposableStack,
): Promise<Torrents> {
  if (torrents === 'real') {
    const real = undo.use(await startQbittorrent({ password: TORRENT_PASSWORD, uploadLimitKiB: 2_500 }));
    return { url: real.url, kind: 'real', simulator: null };
  }
  const simulator = undo.use(
    await startQbittorrentSimulator({ version: '5.2.3', password: TORRENT_PASSWORD, settings: { up_limit: 2_500 * 1024 } }),
  );
  simulator.traffic.want({ upload: torrentWantBps / BITS });
  return { url: simulator.url, kind: 'simulator', simulator };
}

type Places = {
  readonly jellyfin: JellyfinSimulator;
  readonly torrents: Torrents;
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly dataFolder: string;
};

function controllerConfig(
  { config = {} }: HomeOptions,
  { jellyfin, torrents, ports, dataFolder }: Places,
): Record<string, unknown> {
  const base: Record<string, unknown> = {
    home: { name: 'Demo', time_zone: 'Europe/Berlin' },
    http: { listen: `127.0.0.1:${ports.http}` },
    auth: { admin_password: ADMIN_PASSWORD },
    database: { path: dataFolder },
    mqtt: {
      listen: `127.0.0.1:${ports.mqtt}`,
      users: [
        { name: 'router', password: AGENT_PASSWORD, role: 'router' },
        { name: 'house', password: HOUSE_PASSWORD, role: 'home_assistant' },
      ],
    },
    media_servers: [{ name: 'main', type: 'jellyfin', url: jellyfin.url, api_key: jellyfin.apiKey }],
    torrent_clients: [{ name: 'qbit', type: 'qbittorrent', url: torrents.url, username: 'admin', password: TORRENT_PASSWORD }],
    logging: { level: 'info', format: 'json' },
  };
  for (const [section, keys] of Object.entries(config))
    base[section] = Array.isArray(keys) ? keys : { ...(base[section] as object), ...keys };
  return base;
}

function agentConfig(
  { reach = 'ssh' }: HomeOptions,
  router: RouterSimulator,
  { mqttPort, folder }: { readonly mqttPort: number; readonly folder: string },
): Record<string, unknown> {
  const { username, password } = router;
  const ssh = { type: 'ssh', host: '127.0.0.1', port: router.sshPort, username, password, host_key: router.hostKeyFingerprint };
  return {
    name: 'router',
    router: reach === 'ssh' ? ssh : { type: 'ubus', url: router.ubusUrl, username, password },
    mqtt: { url: `mqtt://127.0.0.1:${mqttPort}`, username: 'router', password: AGENT_PASSWORD },
    shaper: { enabled: false, state_file: join(folder, 'shaper.json') },
  };
}

/** Free a moment ago: the controller needs the same port again after a restart, so it cannot ask for any. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
