#!/usr/bin/env node
// The program: arguments, signals, exit code. What it does is in agent.ts, run-checks.ts and read-once.ts.
import './small-heap.ts';
import { parseArgs } from 'node:util';
import { openAgent } from './agent.ts';
import { loadConfig, secretsOf } from './config.ts';
import type { Config } from './config-schema.ts';
import { messageOf } from './errors.ts';
import { brokerOptions } from './ground/broker-options.ts';
import { checkConfig } from './ground/checks.ts';
import { systemClock } from './ground/clock.ts';
import { type Log, silentLog, stderrLog } from './ground/log.ts';
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
  const load = (): Config => loadConfig(values.config, process.env);
  const config = values.test ? checkConfig(load, print) : load();
  if (config === undefined) return 1;
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const log = stderrLog(config.logging.level, secretsOf(config));
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
  const clientId = config.mqtt.client_id ?? `headgate-router-${config.name}`;
  const openPort = ({ will }: Pick<MqttOptions, 'will'>): MqttPort => portOf(brokerOptions(config.mqtt, clientId, will), log);
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

const portOf = (options: MqttOptions, log: Log): MqttPort =>
  createMqttPort({ options, clock: systemClock, random: Math.random, log });

/** Another client id and no will: a check must not push a running agent off the broker, nor call it offline. */
function testPort(config: Config): MqttPort {
  return portOf(brokerOptions(config.mqtt, `headgate-check-${process.pid}`, undefined), silentLog);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
