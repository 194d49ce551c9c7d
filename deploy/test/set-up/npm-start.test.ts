// `npm start` as a supervisor runs it: a SIGTERM to npm ends the program behind it, which puts everything back first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from '../../demo/free-port.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const MOST_MS = 20_000;

t.test('a SIGTERM to npm alone stops what it started, in order', async (t) => {
  const folder = t.testdir({ data: {} });
  const file = join(folder, 'controller.yaml');
  const [http, mqtt] = [await freePort(), await freePort()];
  writeFileSync(file, `http: { listen: 127.0.0.1:${http} }\nmqtt: { listen: 127.0.0.1:${mqtt} }\ndatabase: { path: data }\n`);
  // A group of its own, so that whatever is left behind can be ended.
  const npm = spawn('npm', ['start', '--', '--config', file], { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  t.teardown(() => {
    try {
      if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGKILL');
    } catch {} // nothing is left
  });
  let said = '';
  npm.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const running = AbortSignal.timeout(MOST_MS);
  while (!said.includes('Headgate runs')) await wait(20, undefined, { signal: running });
  // Closed when the last that could write to it has ended.
  const closed = once(npm, 'close', { signal: AbortSignal.timeout(MOST_MS) });
  npm.kill('SIGTERM');
  await t.resolves(closed);
  t.match(said, 'Headgate stops');
});
