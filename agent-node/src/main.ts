#!/usr/bin/env node
// The program: arguments, signals, exit code. What it does is in agent.ts, run-node.ts and run-checks.ts.
import './small-heap.ts';
import { parseArgs } from 'node:util';
import {
  brokerOptions,
  checkConfig,
  createMqttPort,
  type Log,
  type MqttOptions,
  type MqttPort,
  silentLog,
  stderrLog,
  systemClock,
} from '@headgate/agent-router/agent-ground';
import { type Agent, openAgent } from './agent.ts';
import { loadConfig, secretsOf } from './config.ts';
import type { Config } from './config-schema.ts';
import { dryRun } from './dry-run.ts';
import { messageOf } from './errors.ts';
import { createJellyfinClient, type JellyfinClient } from './jellyfin/jellyfin-client.ts';
import { createRescanner, type Rescanner } from './jellyfin/rescan.ts';
import { confirmRemovals } from './library/confirmed.ts';
import { lookAt } from './library/safe-path.ts';
import { live } from './live.ts';
import { runChecks } from './run-checks.ts';
import { runOnce } from './run-node.ts';
import { seedRemarks, withEnvFile } from './seed-environment.ts';
import { openTorrentEngine, type TorrentEngine } from './torrent/open-torrent-engine.ts';
import { version } from './version.ts';

const USAGE = `headgate-agent-node ${version}: what the family shares arrives here, verified, and is shown to Jellyfin
  --config FILE, -c   YAML file; HEADGATE_NODE_... environment variables, and .env, stand over it
  --test              check configuration, library, manifests, Jellyfin and broker, one line each; exit 0 or 1
  --once              one round; exit 0 when all that is wanted is in its place, else 1
  --dry-run           say what would be done, and do nothing
  --confirm GROUP     that so much is not shared any more was meant
  --version, --help`;

const MINUTE_MS = 60_000;
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      test: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      confirm: { type: 'string' },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.version) {
    print(values.help ? USAGE : version);
    return 0;
  }
  const environment = withEnvFile(process.cwd(), process.env);
  const load = (): Config => loadConfig(values.config, environment);
  const config = values.test ? checkConfig(load, print) : load();
  if (config === undefined) return 1;
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const log = stderrLog(config.logging.level, secretsOf(config));
  for (const remark of seedRemarks(environment)) log.warn({}, remark);
  const isDry = values['dry-run'] || values.test || values.confirm !== undefined;
  await using stack = new AsyncDisposableStack();
  const engine = isDry ? null : engineOf(config, log);
  if (engine !== null) stack.use(engine);
  const quiet = values.test ? silentLog : log;
  const agent = stack.use(
    await openAgent({ config, clock: systemClock, random: Math.random, log: quiet, dryRun: isDry, engine }),
  );
  if (values.test) return (await checkAll(config, agent, stopping.signal)) ? 0 : 1;
  if (values.confirm !== undefined) return confirm(agent, values.confirm);
  if (values['dry-run']) return (await dryRun(agent, config.select, print, stopping.signal)) ? 0 : 1;
  const rescanner = rescannerOf(config, agent, log);
  if (values.once) {
    const pollMs = config.manifests.poll_minutes * MINUTE_MS;
    return (await runOnce({ agent, rescan: rescanner?.rescan ?? null, pollMs, clock: systemClock, log }, stopping.signal))
      ? 0
      : 1;
  }
  log.info({ version, id: config.id, library: config.library, groups: config.manifests.groups }, 'starting');
  const { mqtt } = config;
  const openPort =
    mqtt === undefined
      ? null
      : ({ will }: Pick<MqttOptions, 'will'>) =>
          portOf(brokerOptions(mqtt, mqtt.client_id ?? `headgate-node-${config.id}`, will), log);
  await live({ config, agent, engine, rescanner, openPort, clock: systemClock, log }, stopping.signal);
  log.info({}, 'stopping');
  return 0;
}

/** It starts no process before there is something to do. */
function engineOf({ torrent, rates, manifests }: Config, log: Log): TorrentEngine | null {
  if (torrent === undefined) return null;
  const { NODE_EXTRA_CA_CERTS: trusted } = process.env;
  return openTorrentEngine({
    listen: { address: torrent.listen, port: torrent.port },
    freeNetworks: rates.free_networks,
    // Its tracker may have a certificate of the house.
    environment: { ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }) },
    ca: manifests.ca,
    log,
  });
}

const jellyfinOf = ({ jellyfin }: Config, agent: Agent): JellyfinClient | null =>
  jellyfin?.key === undefined ? null : createJellyfinClient({ url: jellyfin.url, key: jellyfin.key }, agent.http);

function rescannerOf(config: Config, agent: Agent, log: Log): Rescanner | null {
  const client = jellyfinOf(config, agent);
  if (client === null || config.jellyfin === undefined) return null;
  const { root } = agent.paths;
  const isThere = async (path: string): Promise<boolean> => (await lookAt(root, path)) !== null;
  return createRescanner({ root, client, pathMap: config.jellyfin.path_map, isThere, clock: systemClock, log });
}

function checkAll(config: Config, agent: Agent, signal: AbortSignal): Promise<boolean> {
  const { mqtt } = config;
  // Another client id and no will: a check must not push a running node off the broker, nor call it offline.
  const openPort =
    mqtt === undefined ? null : () => portOf(brokerOptions(mqtt, `headgate-check-${process.pid}`, undefined), silentLog);
  return runChecks({
    config,
    http: agent.http,
    jellyfin: jellyfinOf(config, agent),
    openPort,
    clock: systemClock,
    signal,
    print,
  });
}

/** Of the version that lies here now: a later one that drops as much must be confirmed again. The running node takes it at its next start or look. */
async function confirm(agent: Agent, group: string): Promise<number> {
  const manifest = agent.followers.map((one) => one.manifest()).find((one) => one?.group === group);
  if (manifest == null) {
    process.stderr.write(`there is no manifest of ${group} yet\n`);
    return 1;
  }
  await confirmRemovals(agent.paths.state, group, manifest.version ?? 0);
  print(`what version ${manifest.version ?? 0} of ${group} does not share any more may go`);
  return 0;
}

const portOf = (options: MqttOptions, log: Log): MqttPort =>
  createMqttPort({ options, clock: systemClock, random: Math.random, log });

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
