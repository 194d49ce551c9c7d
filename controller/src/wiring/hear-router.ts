// For `--test router` and `--test mqtt`: the broker is reached, and a router agent is heard there.
import { createTypedLink } from '@headgate/protocol';
import { openMqtt } from '../broker/open-mqtt.ts';
import type { BrokerTables } from '../broker/persistence/durable-copy.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config-schema.ts';
import { migrations } from '../database/migrations/index.ts';
import { openDatabase } from '../database/open-database.ts';
import { ControllerError } from '../errors.ts';
import type { Log } from '../log.ts';
import { askInstance } from './control-socket.ts';
import { VERSION } from './version.ts';

export type CheckDeps = { readonly config: Config; readonly clock: Clock; readonly log: Log };

const LOOK_EACH_MS = 100;

type Running = {
  readonly uplink: {
    readonly silentMs: number | null;
    readonly reading: { readonly router: string; readonly wan: string } | null;
  };
};

/** One line about what was heard. Where an instance runs already, its broker is in use and it is asked instead. */
export async function hearRouter(deps: CheckDeps, what: 'router' | 'broker', signal: AbortSignal): Promise<string> {
  const { config, clock, log } = deps;
  const { path, url } = config.database;
  const answer = await askInstance(path, 'status');
  if (answer?.ok === true) return describeRunning(answer.value as Running, what);
  const server = url === null ? {} : { url: url.reveal() };
  await using database = await openDatabase({ path, clock, log, migrations, ...server });
  const identity = { version: VERSION, bootId: 'test' };
  const test = { ...config.mqtt, clientName: `${config.mqtt.clientName}-test` };
  await using mqtt = await openMqtt({
    config: test,
    discoveryPrefix: config.homeAssistant.discoveryPrefix,
    tables: database.tables<BrokerTables>(),
    identity,
    clock,
    log,
  });
  const link = createTypedLink(mqtt.link, config.mqtt.baseTopic, () => {});
  const heard: string[] = [];
  await link.hear(
    'throughput',
    ({ names: { router, wan }, value }) => void heard.push(`${router}/${wan} sends ${(value.up_bps / 1e6).toFixed(1)} Mbit/s up`),
  );
  const done = (): boolean => (what === 'router' ? heard.length > 0 : mqtt.health().state === 'live');
  while (!done() && !signal.aborted) await clock.sleep(LOOK_EACH_MS, signal).catch(() => {});
  const { state, problem } = mqtt.health();
  if (state !== 'live') throw new ControllerError('upstream_unreachable', problem ?? 'the broker does not answer');
  if (what === 'broker') return mqtt.port === null ? 'the broker answers' : `the embedded broker listens on port ${mqtt.port}`;
  const [first] = heard;
  if (first === undefined)
    throw new ControllerError(
      'timeout',
      'no router agent was heard within 10 s: is it running, and does its broker user stand in mqtt.users?',
    );
  return first;
}

function describeRunning({ uplink }: Running, what: 'router' | 'broker'): string {
  if (what === 'broker') return 'a Headgate is running with its broker';
  if (uplink.reading === null || uplink.silentMs === null || uplink.silentMs > 15_000)
    throw new ControllerError('timeout', 'the running Headgate hears no router agent');
  return `the running Headgate hears ${uplink.reading.router}/${uplink.reading.wan}`;
}
