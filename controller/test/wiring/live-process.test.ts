// The stream process when its controller is killed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { film, filmMedia, folderOf, isAlive, makeFilm, parentOf, pidsOf, record, settingsIn, until } from '../live/station.ts';

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
    const channels = {
      playing: [[3_600, film(good)]],
      hanging: [[3_600, film(null, { http: silent, media })]],
      // Its next programme is made ready, and held back by its full pipe.
      waiting: [
        [14, film(good)],
        [3_600, film(good)],
      ],
    };
    const program = fileURLToPath(new URL('./live-host.child.ts', import.meta.url));
    const argument = JSON.stringify({ settings, channels });
    const child = spawn(process.execPath, [program, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => void child.kill('SIGKILL'));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port, pid } = JSON.parse(line.toString()) as { readonly port: number; readonly pid: number };
    for (const channel of Object.keys(channels)) {
      const viewer = record(port, 'GET', `/${channel}`);
      t.teardown(() => viewer.socket.destroy());
      await until(() => viewer.pieces.length > 0);
    }
    await until(() => childrenOf(pid).length === 4);
    await wait(1_000);
    const family = [pid, ...childrenOf(pid)];
    child.kill('SIGKILL');
    await until(() => family.every((one) => !isAlive(one)), 5_000);
    t.ok(family.length >= 5);
  },
);

const childrenOf = (parent: number): readonly number[] => pidsOf('').filter((pid) => parentOf(pid) === parent);
