// Runs the simulator as a process: `node deploy/demo/jellyfin/main.ts --port 8096 --version 12.0.0 --key KEY --state FILE`.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startJellyfinSimulator } from './jellyfin-simulator.ts';
import { type LibrarySeed, manyItems } from './library-seeds.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8096' },
    version: { type: 'string', default: '12.0.0' },
    admin: { type: 'string', default: 'admin' },
    password: { type: 'string', default: 'adminpw' },
    key: { type: 'string' },
    users: { type: 'string', default: '0' },
    limit: { type: 'string', default: '0' },
    state: { type: 'string' },
    latency: { type: 'string', default: '0' },
    speed: { type: 'string', default: '1' },
    library: { type: 'string' },
    films: { type: 'string', default: '0' },
    skew: { type: 'string', default: '0' },
    'no-webhook': { type: 'boolean', default: false },
    'guide-ms': { type: 'string', default: '3000' },
    'probe-wait-ms': { type: 'string', default: '3000' },
  },
});

type WholeOption = 'port' | 'users' | 'limit' | 'latency' | 'speed' | 'guide-ms' | 'probe-wait-ms' | 'films' | 'skew';
const whole = (name: WholeOption): number => {
  const number = Number(values[name]);
  if (!Number.isInteger(number)) throw new Error(`--${name} ${values[name]}: want a whole number`);
  return number;
};

const simulator = await startJellyfinSimulator({
  port: whole('port'),
  version: values.version,
  admin: { name: values.admin, password: values.password },
  userCount: whole('users'),
  serverLimitBps: whole('limit'),
  latencyMs: whole('latency'),
  speed: whole('speed'),
  guideTaskMs: whole('guide-ms'),
  probeWaitMs: whole('probe-wait-ms'),
  clockSkewMs: whole('skew'),
  webhookPlugin: !values['no-webhook'],
  ...(whole('films') === 0 ? {} : { moreLibraries: manyItems({ films: whole('films'), series: 0, episodes: 0 }).slice(0, 1) }),
  ...(values.library === undefined ? {} : { library: JSON.parse(readFileSync(values.library, 'utf8')) as LibrarySeed[] }),
  ...(values.key === undefined ? {} : { apiKey: values.key }),
  ...(values.state === undefined ? {} : { stateFile: values.state }),
});
process.stdout.write(`${JSON.stringify({ url: simulator.url, version: values.version, pid: process.pid })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    simulator[Symbol.asyncDispose]().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
