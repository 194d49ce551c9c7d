// The router agent as it is shipped, one bundle: CPU and memory at 1 Hz over ssh, time to the broker, and what a sample costs the router.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { bundle } from '../build/bundle.ts';
import { freePort } from '../demo/free-port.ts';
import { noDropbear, startDropbear } from '../demo/router/real-dropbear.ts';
import { type RouterSimulator, startRouterSimulator } from '../demo/router/start-router-simulator.ts';
import { type Bench, type BenchLine, judge } from './bench-line.ts';
import { ended } from './ended.ts';
import { cpuMs, endedChildrenMs, processTree, residentMb } from './process-figures.ts';

const NAME = 'agent-router';
const WARM_S = 8;
const MEASURED_S = 40;
const STARTS = 7;

/** What both measurements need; ended by the stack that opened it. */
type Bed = {
  readonly folder: string;
  readonly program: string;
  readonly config: string;
  readonly observer: MqttClient;
  readonly sim: RouterSimulator;
};

export const bench: Bench = {
  name: NAME,
  async lines() {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'headgate-bench-'));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const program = join(folder, 'agent-router.cjs');
    const entry = join(import.meta.dirname, '../../agent-router/src/main.ts');
    const size = await bundle({ entry, outfile: program, host: 'router' });
    const sim = stack.use(await startRouterSimulator());
    sim.setTraffic(20_000_000, 80_000_000);
    const port = await freePort();
    const broker = stack.adopt(spawn('mosquitto', ['-p', String(port)], { stdio: 'ignore' }), ended);
    await answering(port);
    const observer = await mqtt.connectAsync({ host: '127.0.0.1', port });
    stack.defer(() => observer.endAsync(true));
    await observer.subscribeAsync('headgate/#');
    const routers = await routerOf(sim, stack);
    const config = join(folder, 'agent.yaml');
    writeFileSync(config, `${routers.yaml}mqtt: { url: 'mqtt://127.0.0.1:${port}' }\n`);
    const bed: Bed = { folder, program, config, observer, sim };
    const lines = [
      judge({ name: NAME, line: 'bundle', value: Math.ceil(size / 1024), unit: 'KiB' }, { atMost: 900 }),
      await timeToBroker(bed),
      ...(await steady(bed, routers)),
    ];
    if (broker.exitCode !== null) throw new Error('mosquitto ended during the bench');
    return lines;
  },
};

type RouterUnderTest = { readonly yaml: string; readonly pid: number; readonly named: string };

/** A real dropbear where this machine allows one, else ssh2's server, of which only the shell can be counted. */
async function routerOf(sim: RouterSimulator, stack: AsyncDisposableStack): Promise<RouterUnderTest> {
  const yaml = (port: number, key: string, username: string, password: string): string =>
    `router: { type: ssh, host: 127.0.0.1, port: ${port}, host_key: '${key}', username: ${username}, password: ${password} }\n`;
  if (noDropbear() !== undefined)
    return {
      yaml: yaml(sim.sshPort, sim.hostKeyFingerprint, sim.username, sim.password),
      pid: process.pid,
      named: 'BusyBox sh alone',
    };
  const { port, hostKeyFingerprint, username, password, pid } = stack.use(await startDropbear(sim, ''));
  return { yaml: yaml(port, hostKeyFingerprint, username, password), pid, named: 'dropbear and BusyBox sh' };
}

/** From the start of the process to its first message at the broker. */
async function timeToBroker({ program, config, observer }: Bed): Promise<BenchLine> {
  const times: number[] = [];
  for (let i = 0; i < STARTS; i += 1) {
    const heard = nextMessage(observer, '/presence', '"online"');
    const since = performance.now();
    const agent = startAgent(program, config);
    await heard;
    times.push(performance.now() - since);
    await ended(agent);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(STARTS / 2)] ?? Number.NaN;
  return judge(
    { name: NAME, line: `process start to MQTT ready, median of ${STARTS}`, value: Math.round(median), unit: 'ms' },
    { atMost: 350 },
  );
}

async function steady({ program, config, observer, sim }: Bed, router: RouterUnderTest): Promise<BenchLine[]> {
  await using stack = new AsyncDisposableStack();
  const bare = stack.adopt(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }), ended);
  // The files of the simulated kernel stand still otherwise, and an idle link is cheaper to tell than a busy one.
  const moving = setInterval(sim.refresh, 250);
  stack.defer(() => clearInterval(moving));
  const first = nextMessage(observer, '/throughput', '"seq"');
  const agent = stack.adopt(startAgent(program, config), ended);
  await first;
  await wait(WARM_S * 1000);
  let samples = 0;
  observer.on('message', (topic) => {
    if (topic.endsWith('/throughput')) samples += 1;
  });
  const [pid = 0, barePid = 0] = [agent.pid, bare.pid];
  const before = { agent: cpuMs(pid), router: routerMs(router) };
  await wait(MEASURED_S * 1000);
  const usedMs = cpuMs(pid) - before.agent;
  const routerPerSample = (routerMs(router) - before.router) / samples;
  const above = residentMb(pid) - residentMb(barePid);
  const percent = (100 * usedMs) / (MEASURED_S * 1000);
  return [
    judge(
      {
        name: NAME,
        line: `CPU at 1 Hz over ssh, ${samples} samples in ${MEASURED_S} s`,
        value: round(percent),
        unit: '% of a core',
      },
      { atMost: 0.3 },
    ),
    judge(
      {
        name: NAME,
        line: 'memory above a bare Node',
        value: round(above),
        unit: 'MB',
        baseline: { name: `bare Node ${process.version}, RSS MB`, value: round(residentMb(barePid)) },
      },
      { atMost: 45 },
    ),
    judge(
      { name: NAME, line: `router side per sample: ${router.named}`, value: round(routerPerSample), unit: 'ms CPU' },
      { atMost: 2 },
    ),
  ];
}

/** The session's processes to the nanosecond, and the commands they ran. This process itself is not the router. */
function routerMs({ pid }: RouterUnderTest): number {
  const own = processTree(pid).filter((one) => one !== process.pid && isRouter(one));
  return own.reduce((sum, one) => sum + cpuMs(one) + endedChildrenMs(one), 0);
}

const isRouter = (pid: number): boolean => /dropbear|busybox|\/sh$/.test(readlinkSync(`/proc/${pid}/exe`));

function startAgent(program: string, config: string): ChildProcess {
  return spawn(process.execPath, [program, '--config', config], { stdio: 'ignore', env: { PATH: '/usr/bin:/bin' } });
}

function nextMessage(observer: MqttClient, topicEnd: string, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing on ${topicEnd} in 20 s`)), 20_000);
    const hear = (topic: string, payload: Buffer): void => {
      if (!topic.endsWith(topicEnd) || !payload.includes(text)) return;
      clearTimeout(late);
      observer.off('message', hear);
      resolve();
    };
    observer.on('message', hear);
  });
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await wait(20);
  }
  throw new Error('mosquitto does not listen');
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
