// Runs the simulator as a process: `node deploy/demo/plex/main.ts --port 32400 --token TOKEN --watching 1`.
import { parseArgs } from 'node:util';
import { startPlexSimulator } from './plex-simulator.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '32400' },
    token: { type: 'string' },
    watching: { type: 'string', default: '0' },
  },
});

const whole = (name: 'port' | 'watching'): number => {
  const number = Number(values[name]);
  if (!Number.isInteger(number)) throw new Error(`--${name} ${values[name]}: want a whole number`);
  return number;
};

const simulator = await startPlexSimulator({
  port: whole('port'),
  ...(values.token === undefined ? {} : { token: values.token }),
});
for (let at = 1; at <= whole('watching'); at++) await simulator.viewer({ user: `viewer-${at}` }).play();
process.stdout.write(`${JSON.stringify({ url: simulator.url, token: simulator.token, pid: process.pid })}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    simulator[Symbol.asyncDispose]().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
