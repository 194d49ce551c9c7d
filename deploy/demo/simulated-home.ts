// A whole home on loopback: router, media servers and download clients as neighbours, our controller and router agent as real processes between them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { freePort } from './free-port.ts';
import { type HomeNeighbours, type NeighbourOptions, openHomeNeighbours } from './home-neighbours.ts';
import { programPath } from './our-programs.ts';
import { createProgram, type Program } from './program.ts';
import { type RouterSimulator, startRouterSimulator } from './router/start-router-simulator.ts';

export type HomeOptions = NeighbourOptions & {
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
  /** The agent obeys shaper orders. */
  readonly shaperOrders?: boolean;
};

export type SimulatedHome = AsyncDisposable & {
  readonly folder: string;
  readonly jellyfin: HomeNeighbours['jellyfin'];
  readonly plex: HomeNeighbours['plex'];
  readonly torrents: HomeNeighbours['torrents'];
  readonly clients: HomeNeighbours['clients'];
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

const ADMIN_PASSWORD = 'an-admin-password';
const AGENT_PASSWORD = 'an-agent-password';
const HOUSE_PASSWORD = 'a-house-password';
const COUPLE_EACH_MS = 200;
const OTHER_DOWN_BPS = 8_000_000;

/** Neighbours run when it resolves; controller and agent wait for `start()`. */
export async function startSimulatedHome(options: HomeOptions = {}): Promise<SimulatedHome> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'headgate-home-'));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const neighbours = await openHomeNeighbours(options, undo);
  const { jellyfin, plex, torrents, clients } = neighbours;
  const router = undo.use(await startRouterSimulator());
  router.setShaper(options.upKbit ?? 40_000, options.downKbit ?? 200_000);
  let otherBps = options.otherBps ?? 3_000_000;
  const couple = setInterval(() => {
    const { upBps, downBps } = neighbours.traffic();
    router.setTraffic(Math.round(upBps + otherBps), Math.round(downBps + OTHER_DOWN_BPS));
  }, COUPLE_EACH_MS);
  undo.defer(() => clearInterval(couple));
  const ports = { http: await freePort(), mqtt: await freePort() };
  const dataFolder = join(folder, 'data');
  await mkdir(dataFolder, { mode: 0o700 });
  const configFile = join(folder, 'controller.yaml');
  await writeFile(configFile, stringify(controllerConfig(options, { neighbours: neighbours.config, ports, dataFolder })), {
    mode: 0o600,
  });
  const agentFile = join(folder, 'agent-router.yaml');
  await writeFile(agentFile, stringify(agentConfig(options, router, { mqttPort: ports.mqtt, folder })), { mode: 0o600 });
  const env = { XDG_STATE_HOME: folder, NO_COLOR: '1' };
  const controller = undo.use(
    createProgram({
      name: 'controller',
      args: [...(options.controllerFlags ?? []), programPath('controller', options.bundles), '--config', configFile],
      env,
      readyText: 'Headgate runs',
    }),
  );
  const agent = undo.use(
    createProgram({
      name: 'agent-router',
      args: [programPath('agent-router', options.bundles), '--config', agentFile],
      env,
      readyText: 'connected to the broker',
    }),
  );
  const kept = undo.move();
  return {
    folder,
    jellyfin,
    plex,
    torrents,
    clients,
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

type Places = {
  readonly neighbours: HomeNeighbours['config'];
  readonly ports: { readonly http: number; readonly mqtt: number };
  readonly dataFolder: string;
};

function controllerConfig({ config = {} }: HomeOptions, { neighbours, ports, dataFolder }: Places): Record<string, unknown> {
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
    ...neighbours,
    logging: { level: 'info', format: 'json' },
  };
  for (const [section, keys] of Object.entries(config))
    base[section] = Array.isArray(keys) ? keys : { ...(base[section] as object), ...keys };
  return base;
}

function agentConfig(
  { reach = 'ssh', shaperOrders = false }: HomeOptions,
  router: RouterSimulator,
  { mqttPort, folder }: { readonly mqttPort: number; readonly folder: string },
): Record<string, unknown> {
  const { username, password } = router;
  const ssh = { type: 'ssh', host: '127.0.0.1', port: router.sshPort, username, password, host_key: router.hostKeyFingerprint };
  return {
    name: 'router',
    router: reach === 'ssh' ? ssh : { type: 'ubus', url: router.ubusUrl, username, password },
    mqtt: { url: `mqtt://127.0.0.1:${mqttPort}`, username: 'router', password: AGENT_PASSWORD },
    shaper: { enabled: shaperOrders, state_file: join(folder, 'shaper.json') },
  };
}
