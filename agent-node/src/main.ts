#!/usr/bin/env node
// The program: arguments, signals, exit code. What it does is in agent.ts, run-node.ts and run-checks.ts.
import { parseArgs } from 'node:util';
import { openAgent } from './agent.ts';
import { systemClock } from './clock.ts';
import { loadConfig, secretsOf } from './config.ts';
import type { Config } from './config-schema.ts';
import { messageOf } from './errors.ts';
import { createLog } from './log.ts';
import { runNode, runOnce } from './run-node.ts';
import { seedRemarks, withEnvFile } from './seed-environment.ts';
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
  const config = loadConfig(values.config, environment);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const log = logOf(config);
  for (const remark of seedRemarks(environment)) log.warn({}, remark);
  await using agent = await openAgent({ config, clock: systemClock, random: Math.random, log, dryRun: values['dry-run'] }, null);
  const deps = { agent, rescan: null, pollMs: config.manifests.poll_minutes * MINUTE_MS, clock: systemClock, log };
  if (values.once) return (await runOnce(deps, stopping.signal)) ? 0 : 1;
  log.info({ version, library: config.library, groups: config.manifests.groups }, 'starting');
  await runNode(deps, stopping.signal).over;
  log.info({}, 'stopping');
  return 0;
}

const logOf = (config: Config) =>
  createLog({
    write: (line) => void process.stderr.write(`${line}\n`),
    now: systemClock.now,
    level: config.logging.level,
    pretty: process.stderr.isTTY,
    secrets: secretsOf(config),
  });

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
  },
);
