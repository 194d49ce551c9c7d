// --test: each thing that must work, one line each, none longer than ten seconds.
import type { Clock } from './clock.ts';
import { AgentError, messageOf } from './errors.ts';
import type { MqttPort } from './mqtt-port.ts';

/** `run` answers what was found, in words. */
export type Check = { readonly name: string; readonly run: () => Promise<string> };
type Print = (line: string) => void;

const CHECK_MS = 10_000;

/** The check before all others. Undefined, and told, where the configuration is wrong: without it nothing can be asked. */
export function checkConfig<Config>(load: () => Config, print: Print): Config | undefined {
  try {
    const config = load();
    print('ok    config: read');
    return config;
  } catch (error) {
    print(`FAIL  config: ${messageOf(error)}`);
    return undefined;
  }
}

/** In turn. True when every check passed. */
export async function runEach(checks: readonly Check[], clock: Clock, print: Print): Promise<boolean> {
  let allWell = true;
  for (const { name, run } of checks) {
    try {
      print(`ok    ${name}: ${await inTime(run(), clock)}`);
    } catch (error) {
      allWell = false;
      print(`FAIL  ${name}: ${messageOf(error)}`);
    }
  }
  return allWell;
}

/** @param openPort with a client id of its own and no will. */
export async function checkBroker(openPort: () => MqttPort, clock: Clock, signal: AbortSignal): Promise<string> {
  await using port = openPort();
  const since = clock.monotonic();
  while (!port.connected()) {
    const problem = port.problem();
    if (problem !== 'not connected yet' || clock.monotonic() - since > CHECK_MS - 1_000)
      throw new AgentError('unreachable', problem ?? 'no answer');
    await clock.sleep(20, signal);
  }
  return 'connected';
}

async function inTime<T>(task: Promise<T>, clock: Clock): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(CHECK_MS, done.signal).then(() => {
    throw new AgentError('timeout', `no answer in ${CHECK_MS / 1000} s`);
  });
  // Whichever loses must not end the process as an unhandled rejection.
  late.catch(() => {});
  task.catch(() => {});
  try {
    return await Promise.race([task, late]);
  } finally {
    done.abort();
  }
}
