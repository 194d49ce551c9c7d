// No ffmpeg outlives a process that was killed, by either guard, whatever it was doing.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { detectOrphanGuard, type OrphanGuard } from '../../src/ffmpeg/orphan-guard.ts';

const child = join(import.meta.dirname, 'orphan.child.ts');
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Processes with this in their arguments that run. A zombie does not. The child has it too. */
const alive = (marker: string, but: number | undefined): readonly string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/u.test(pid) && Number(pid) !== but)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(marker))
    .filter((pid) => !/\) [ZX] /u.test(read(`/proc/${pid}/stat`)));

const until = async (holds: () => boolean, limitMs: number): Promise<boolean> => {
  for (const end = Date.now() + limitMs; Date.now() < end; await sleep(25)) if (holds()) return true;
  return holds();
};

const start = (guard: OrphanGuard, state: string, from: string): ChildProcess =>
  spawn(process.execPath, [child, guard, state, from], { stdio: ['ignore', 'pipe', 'inherit'] });

/** A server that takes connections and says nothing. */
async function silentServer(t: Test): Promise<string> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/${process.pid}-silent.mkv`;
}

const folder = t.testdir({});
const film = join(folder, 'film.mkv');
execFileSync('ffmpeg', [
  '-v',
  'error',
  '-f',
  'lavfi',
  '-i',
  'testsrc2=s=64x36:r=25:d=40',
  '-f',
  'lavfi',
  '-i',
  'sine=d=40',
  '-c:v',
  'libx264',
  '-preset',
  'ultrafast',
  film,
]);

const guards: readonly OrphanGuard[] = detectOrphanGuard() === 'death-signal' ? ['death-signal', 'watch-pipe'] : ['watch-pipe'];

for (const guard of guards) {
  for (const state of ['playing', 'blocked', 'silent', 'probing']) {
    t.test(`ruling 1: killed while ffmpeg is ${state}: gone within 5 s, by ${guard}`, async (t) => {
      const from = state === 'silent' || state === 'probing' ? await silentServer(t) : film;
      const host = start(guard, state, from);
      t.teardown(() => host.kill('SIGKILL'));
      const program = state === 'probing' ? 'ffprobe' : 'ffmpeg';
      const runs = (): boolean => alive(from, host.pid).some((pid) => read(`/proc/${pid}/comm`).startsWith(program));
      t.ok(await until(runs, 30_000), 'it runs');
      // Into its state: output begun and the pipe full, or the answer waited for.
      await sleep(300);
      t.ok(runs(), 'it still runs');
      host.kill('SIGKILL');
      t.ok(await until(() => alive(from, host.pid).length === 0, 5_000), 'nothing is left');
    });
  }
  t.test(`ruling 1: killed at the moment of the spawn: gone within 5 s, by ${guard}`, async (t) => {
    const from = await silentServer(t);
    for (let i = 0; i < 4; i += 1) {
      const host = start(guard, 'race', from);
      await new Promise((resolve) => host.once('exit', resolve));
      t.ok(await until(() => alive(from, host.pid).length === 0, 5_000), 'nothing is left');
    }
  });
}
