#!/usr/bin/env node
// The program: arguments, signals, exit code. What it does is in agent.ts, run-checks.ts and read-once.ts.
import './small-heap.ts';
import { parseArgs } from 'node:util';
import { openAgent } from './agent.ts';
import { loadConfig, secretsOf } from './config.ts';
import type { Config } from './config-schema.ts';
import { messageOf } from './errors.ts';
import { systemClock } from './ground/clock.ts';
import { createLog, type Log, silentLog } from './ground/log.ts';
import { createMqttPort, type MqttOptions, type MqttPort } from './ground/mqtt-port.ts';
import { readOnce } from './read-once.ts';
import { openRouter } from './router/open-router.ts';
import { runChecks } from './run-checks.ts';
import { version } from './version.ts';

const USAGE = `headgate-agent-router ${version}: watches an OpenWrt router's WAN and says it on MQTT
  --config FILE, -c   YAML file; HEADGATE_ROUTER_... environment variables stand over it
  --test              check configuration, router, WAN, counters, SQM and broker, one line each; exit 0 or 1
  --once              print one reading as JSON and leave
  --dry-run           never write to the router
  --version, --help`;

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      test: { type: 'boolean', default: false },
      once: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      version: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || values.version) {
    print(values.help ? USAGE : version);
    return 0;
  }
  const config = configOf(values.config, values.test);
  if (config === undefined) return 1;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const log = createLog({
    write: (line) => void process.stderr.write(`${line}\n`),
    now: systemClock.now,
    level: config.logging.level,
    pretty: process.stderr.isTTY,
    secrets: secretsOf(config),
  });
  const router = openRouter(config.router, systemClock.monotonic);
  if (values.test || values.once) {
    await using asked = router;
    if (values.once) print(JSON.stringify(await readOnce(asked, systemClock, stopping.signal), undefined, 2));
    return !values.test ||
      (await runChecks({ router: asked, openPort: () => testPort(config), clock: systemClock, signal: stopping.signal, print }))
      ? 0
      : 1;
  }
  log.info({ version, router: config.router.type, broker: config.mqtt.url }, 'starting');
  const openPort = ({ will }: Pick<MqttOptions, 'will'>): MqttPort => portOf(config, will, log);
  await using _ = openAgent({
    config,
    router,
    openPort,
    clock: systemClock,
    random: Math.random,
    log,
    dryRun: values['dry-run'],
  });
  await stopped;
  log.info({}, 'stopping');
  return 0;
}

/** Undefined, and told as the first check, where --test finds it wrong. */
function configOf(file: string | undefined, isTest: boolean): Config | undefined {
  if (!isTest) return loadConfig(file, process.env);
  try {
    const config = loadConfig(file, process.env);
    print('ok    config: read');
    return config;
  } catch (error) {
    print(`FAIL  config: ${messageOf(error)}`);
    return undefined;
  }
}

function portOf(
  config: Config,
  will: MqttOptions['will'],
  log: Log,
  clientId = config.mqtt.client_id ?? `headgate-router-${config.name}`,
): MqttPort {
  const { url, username, password, ca, pin } = config.mqtt;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'mqtts:';
  const target = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? (secure ? 8883 : 1883) : port),
    tls: secure ? { ca, pin } : undefined,
  };
  return createMqttPort({
    options: { target, clientId, username, password, will },
    clock: systemClock,
    random: Math.random,
    log,
  });
}

/** Another client id and no will: a check must not push a running agent off the broker, nor call it offline. */
function testPort(config: Config): MqttPort {
  return portOf(config, undefined, silentLog, `headgate-check-${process.pid}`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
