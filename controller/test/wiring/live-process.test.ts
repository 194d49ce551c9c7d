// The stream process when its controller is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import {
  film,
  filmMedia,
  folderOf,
  isAlive,
  makeFilm,
  parentOf,
  pidsOf,
  planFrom,
  record,
  settingsIn,
  until,
} from '../live/station.ts';

const folder = folderOf(t);
const good = makeFilm(`${folder}/good.mkv`, 14);
const settings = settingsIn(folder);

/** Accepts connections and says nothing. */
async function openSilence(t: Test): Promise<string> {
  const server = createServer((socket) => void socket.on('error', () => {}).resume());
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as { readonly port: number };
  return `http://127.0.0.1:${port}/silent.mkv`;
}

t.test(
  'SIGKILL of the controller leaves no ffmpeg after 5 s: playing, waiting for its pipe, or hanging on a silent source',
  async (t) => {
    const silent = { url: await openSilence(t), headers: {} };
    const media = filmMedia(60_000);
    const now = Date.now();
    const states = {
      playing: planFrom(now - 2_000, [[3_600, film(good)]]),
      hanging: planFrom(now - 2_000, [[3_600, film(null, { http: silent, media })]]),
      // Made ready for the next programme, and full.
      waiting: planFrom(now - 2_000, [
        [14, film(good)],
        [3_600, film(good)],
      ]),
    };
    const programs: { readonly child: ChildProcess; readonly pid: number; readonly state: string }[] = [];
    for (const [state, steps] of Object.entries(states)) {
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL('./live-host-program.ts', import.meta.url)), JSON.stringify({ settings, steps })],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      t.teardown(() => void child.kill('SIGKILL'));
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      const { port, pid } = JSON.parse(line.toString()) as { readonly port: number; readonly pid: number };
      programs.push({ child, pid, state });
      const viewer = record(port);
      t.teardown(() => viewer.socket.destroy());
      await until(() => viewer.pieces.length > 0);
    }
    const family = (): readonly number[] => programs.flatMap(({ pid }) => [pid, ...childrenOf(pid)]);
    await until(() => programs.every(({ pid, state }) => childrenOf(pid).length >= (state === 'waiting' ? 2 : 1)));
    await wait(1_000);
    const all = family();
    for (const { child } of programs) child.kill('SIGKILL');
    await until(() => all.every((pid) => !isAlive(pid)), 5_000);
    t.ok(all.length >= 7);
  },
);

const childrenOf = (parent: number): readonly number[] => pidsOf('').filter((pid) => parentOf(pid) === parent);
