// A home for one agent: simulated router, a real mosquitto, an observer, and the agent as the process that people run.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { freePort } from '../../deploy/demo/free-port.ts';
import { programPath } from '../../deploy/demo/our-programs.ts';
import {
  type RouterSimulator,
  type RouterSimulatorOptions,
  startRouterSimulator,
} from '../../deploy/demo/router/start-router-simulator.ts';

export type Said = {
  readonly topic: string;
  readonly value: Record<string, unknown>;
  readonly retained: boolean;
  readonly atMs: number;
};
export type RunningAgent = AsyncDisposable & {
  readonly process: ChildProcess;
  /** Everything it wrote to its log so far. */
  readonly log: () => string;
  /** Exit code after a signal, or null when it was killed. */
  readonly stop: (signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL') => Promise<number | null>;
};
export type Home = AsyncDisposable & {
  readonly sim: RouterSimulator;
  readonly folder: string;
  readonly brokerPort: number;
  readonly said: Said[];
  readonly of: (topicEnd: string) => readonly Said[];
  /** The first message on a topic for which `test` holds, said before or within 15 s. */
  readonly until: (
    topicEnd: string,
    test?: (value: Record<string, unknown>) => boolean,
    from?: number,
  ) => Promise<Record<string, unknown>>;
  readonly publish: (topic: string, payload: unknown, retain?: boolean) => Promise<void>;
  readonly startAgent: (change?: AgentChange) => Promise<RunningAgent>;
  /** Runs the agent to its end. */
  readonly runAgent: (
    flags: readonly string[],
    change?: AgentChange,
  ) => Promise<{ code: number | null; out: string; err: string }>;
  readonly stopBroker: () => Promise<void>;
  readonly startBroker: () => Promise<void>;
};
type AgentChange = { readonly way?: 'ssh' | 'ubus'; readonly yaml?: string; readonly flags?: readonly string[] };

const MAIN = programPath('agent-router');
const MOSQUITTO = '/usr/sbin/mosquitto';

export async function startHome(options: RouterSimulatorOptions = {}): Promise<Home> {
  const stack = new AsyncDisposableStack();
  const sim = stack.use(await startRouterSimulator({ mayWrite: true, ...options }));
  const folder = mkdtempSync(join(tmpdir(), 'headgate-agent-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const brokerPort = await freePort();
  let broker: ChildProcess | undefined;
  const stopBroker = async (): Promise<void> => {
    const old = broker;
    broker = undefined;
    if (old !== undefined && old.exitCode === null) {
      old.kill('SIGKILL');
      await once(old, 'exit');
    }
  };
  const startBroker = async (): Promise<void> => {
    broker = spawn(MOSQUITTO, ['-p', String(brokerPort)], { stdio: 'ignore' });
    await reachable(brokerPort);
  };
  stack.defer(stopBroker);
  await startBroker();
  const said: Said[] = [];
  const observer = await mqtt.connectAsync({ host: '127.0.0.1', port: brokerPort, reconnectPeriod: 100, protocolVersion: 4 });
  stack.defer(() => observer.endAsync(true));
  observer.on('error', () => {});
  observer.on('message', (topic, payload, { retain }) => {
    if (topic.endsWith('/order')) return;
    said.push({ topic, value: JSON.parse(payload.toString()), retained: retain, atMs: performance.now() });
  });
  await observer.subscribeAsync('headgate/#', { qos: 1 });
  const of = (end: string): readonly Said[] => said.filter((one) => one.topic.endsWith(end));
  const agentDeps = { sim, folder, brokerPort };
  return {
    ...agentDeps,
    said,
    of,
    stopBroker,
    startBroker,
    async until(end, test = () => true, from = 0) {
      const since = performance.now();
      for (;;) {
        const found = said.slice(from).find((one) => one.topic.endsWith(end) && test(one.value));
        if (found !== undefined) return found.value;
        if (performance.now() - since > 15_000)
          throw new Error(`nothing like that on ${end}; last: ${JSON.stringify(of(end).at(-1)?.value)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    publish: async (topic, payload, retain = false) =>
      void (await observer.publishAsync(topic, JSON.stringify(payload), { qos: 1, retain })),
    startAgent: async (change = {}) => stack.use(runningAgent(agentDeps, change)),
    runAgent: async (flags, change = {}) => {
      const child = spawnAgent(agentDeps, { ...change, flags });
      let [out, err] = ['', ''];
      child.stdout?.on('data', (text) => (out += text));
      child.stderr?.on('data', (text) => (err += text));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, out, err };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

type AgentDeps = Pick<Home, 'sim' | 'folder' | 'brokerPort'>;

function spawnAgent({ sim, folder, brokerPort }: AgentDeps, { way = 'ssh', yaml = '', flags = [] }: AgentChange): ChildProcess {
  const login = `username: ${sim.username}\n  password: ${sim.password}`;
  const router =
    way === 'ssh'
      ? `type: ssh\n  host: 127.0.0.1\n  port: ${sim.sshPort}\n  host_key: ${sim.hostKeyFingerprint}\n  ${login}`
      : `type: ubus\n  url: ${sim.ubusUrl}\n  ${login}`;
  const shaper = yaml.includes('shaper:') ? '' : `shaper: { enabled: true, state_file: ${join(folder, 'shaper.json')} }\n`;
  // Quicker than the defaults, so that a test need not wait for a beat of five seconds.
  const sampling = yaml.includes('sampling:') ? '' : 'sampling: { link: 1s, sqm: 2s }\n';
  const mqttPart = yaml.includes('mqtt:') ? '' : `mqtt: { url: 'mqtt://127.0.0.1:${brokerPort}' }\n`;
  writeFileSync(join(folder, 'agent.yaml'), `name: flint\nrouter:\n  ${router}\n${mqttPart}${shaper}${sampling}${yaml}`);
  return spawn(process.execPath, [MAIN, '--config', join(folder, 'agent.yaml'), ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin' },
  });
}

function runningAgent(deps: AgentDeps, change: AgentChange): RunningAgent {
  const child = spawnAgent(deps, change);
  let log = '';
  child.stderr?.on('data', (text) => (log += text));
  const stop: RunningAgent['stop'] = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, 'exit');
    }
    return child.exitCode;
  };
  return { process: child, log: () => log, stop, [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')) };
}

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('mosquitto does not listen');
}
