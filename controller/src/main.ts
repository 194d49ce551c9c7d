// argv, signals, exit code. What the flags do stands in wiring/; what runs stands in run-controller.ts.
import './small-heap.ts';
import { parseArgs } from 'node:util';
import { systemClock } from './clock.ts';
import type { Config } from './config/config-schema.ts';
import { messageOf } from './errors.ts';
import { createLog, type LogOutput } from './logging/create-log.ts';
import { runController, runOnce, runRestore } from './run-controller.ts';
import { checkNeighbours, isPart, PARTS } from './wiring/check-neighbours.ts';
import { importConfiguration, readConfiguration } from './wiring/configuration.ts';
import { askInstance } from './wiring/control-socket.ts';
import { rehearseCommand } from './wiring/rehearsal/rehearse-command.ts';
import { VERSION } from './wiring/version.ts';

const USAGE = `Headgate ${VERSION}: the gate that rules a home's uplink

  --config PATH, -c   controller.yaml (default: HEADGATE_CONFIG, ./controller.yaml, ~/.config/headgate, /etc/headgate)
  --host ADDRESS      where the web page and the API listen, before http.listen of the file (default 127.0.0.1)
  --test [PART]       check the neighbours and leave; PART is all or one of ${PARTS.join(', ')}
  --dry-run           decide and tell, change nothing at any neighbour
  --once              one look, one decision, carried out; leave it so
  --restore           put every limit back to what it was before Headgate, and stay switched off
  --rehearse OTHER    replay what was recorded (rehearsal.recording) against the configuration OTHER, say what would have been otherwise, and leave;
                      --from TIME --to TIME (default: the last 24 h; such as 2026-11-27T18:00), --json for programs
  --verbose           log level debug
  --help, --version

  import --from plex-helper|jellydemon|jellyfin-db-sync FILE [--out FILE]
                      print the controller.yaml that means the same, without its secrets; --out writes it to a new file, with them
`;

/** A stop that hangs must not hang for ever; systemd would kill at 30 s. */
const LAST_RESORT_MS = 20_000;

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  host: { type: 'string' },
  test: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  once: { type: 'boolean' },
  restore: { type: 'boolean' },
  verbose: { type: 'boolean' },
  from: { type: 'string' },
  out: { type: 'string' },
  rehearse: { type: 'string' },
  to: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (positionals[0] === 'import' && values.help !== true) {
    const [, file, ...more] = positionals;
    if (more.length > 0) throw new Error(`unknown argument: ${more[0]}`);
    const { answer, remarks } = await importConfiguration({ from: values.from, file, out: values.out });
    process.stdout.write(answer);
    // They stand at the end of the YAML as well; who sends that into a file has not read it.
    if (!process.stdout.isTTY) for (const remark of remarks) process.stderr.write(`not taken over: ${remark}\n`);
    return 0;
  }
  if (values.out !== undefined) throw new Error('--out belongs to import');
  if (values.rehearse === undefined && (values.from !== undefined || values.to !== undefined || values.json === true))
    throw new Error('--from belongs to import and --rehearse, --to and --json to --rehearse');
  const [part = 'all', ...rest] = positionals;
  if (rest.length > 0 || (positionals.length > 0 && values.test !== true))
    throw new Error(`unknown argument: ${rest[0] ?? part}`);
  if (!isPart(part)) throw new Error(`--test ${part}: there is all, ${PARTS.join(', ')}`);
  if (values.help === true || values.version === true) {
    process.stdout.write(values.help === true ? USAGE : `${VERSION}\n`);
    return 0;
  }
  const config = await readConfiguration({ path: values.config, env: process.env, host: values.host });
  if (values.rehearse !== undefined) return await rehearse(config, values.rehearse, values);
  const oneShot = values.test === true || values.once === true || values.restore === true;
  await using output = openLog(config, { verbose: values.verbose === true, oneShot });
  for (const warning of config.source.warnings) output.log.warn({}, warning);
  for (const note of config.source.notes) output.log.info({}, note);
  const deps = {
    config,
    dryRun: values['dry-run'] === true,
    clock: systemClock,
    log: output.log,
    onNewPassword: showPassword(output),
  };
  const signal = stopSignal();
  if (values.test === true)
    return await checkNeighbours(deps, { part, say: (line) => process.stdout.write(`${line}\n`) }, signal);
  if (values.restore === true) return await restore(deps);
  if (values.once === true) return await once(deps, signal);
  await runController(deps, signal);
  return 0;
}

async function rehearse(
  config: Config,
  path: string,
  { from, to, json = false }: { readonly from?: string; readonly to?: string; readonly json?: boolean },
): Promise<number> {
  const other = await readConfiguration({ path, env: process.env });
  const { text, code } = await rehearseCommand(config, other, { from, to, json, now: systemClock.now() });
  process.stdout.write(text);
  return code;
}

function openLog(
  { home, logging, source }: Config,
  { verbose, oneShot }: { readonly verbose: boolean; readonly oneShot: boolean },
): LogOutput {
  const { file, maxBytes, backups, retentionDays, ...rest } = logging;
  return createLog({
    ...rest,
    level: verbose ? 'debug' : logging.level,
    timeZone: home.timeZone,
    file: file === null ? null : { path: file, maxBytes, backups, retentionDays },
    secrets: source.secrets.map((secret) => secret.reveal()),
    // One-shot commands answer on standard output; their log goes beside it.
    out: oneShot ? process.stderr : process.stdout,
    now: systemClock.now,
  });
}

const showPassword =
  (output: LogOutput) =>
  (password: string, path: string): void => {
    output.addSecret(password);
    if (process.stdout.isTTY)
      process.stdout.write(`\n  Administrator password, shown once: ${password}\n  It is kept in ${path}\n\n`);
  };

async function once(deps: Parameters<typeof runOnce>[0], signal: AbortSignal): Promise<number> {
  const { reason, problems } = await runOnce(deps, signal);
  process.stdout.write(`${reason}\n`);
  for (const problem of problems) process.stdout.write(`PROBLEM ${problem}\n`);
  return problems.length === 0 ? 0 : 1;
}

/** The instance that runs puts it back itself, and stays switched off; without one it is done here. */
async function restore(deps: Parameters<typeof runRestore>[0]): Promise<number> {
  const answer = await askInstance(deps.config.database.path, 'restore');
  if (answer !== null && !answer.ok) throw new Error(answer.error);
  const failed = answer === null ? await runRestore(deps) : (answer.value as readonly string[]);
  process.stdout.write(
    failed.length === 0
      ? `Everything is as its user had it. Headgate stays switched off, also over a restart, until it is enabled again: by Home Assistant's switch,
by ON to ${deps.config.mqtt.baseTopic}/bandwidth/set/enabled, or by PATCH /api/bandwidth/settings with {"enabled":true}.\n`
      : `Not put back: ${failed.join(', ')}\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

/**
 * SIGHUP is a closed terminal. A second signal changes nothing: npm hands on what its whole process group got already,
 * and to die of it would leave the caps behind.
 */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
  };
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, stop);
  return stopping.signal;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
