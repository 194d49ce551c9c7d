// Real nodes against a running Headgate: what is seeded arrives on each, by peers and by HTTP, and is seen.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeReport } from '@headgate/protocol';
import t from 'tap';
import { stringify } from 'yaml';
import { freePort } from '../../demo/free-port.ts';
import { programPath } from '../../demo/our-programs.ts';
import { createProgram } from '../../demo/program.ts';
import { startDistributionHome } from './fixtures/distribution-home.ts';
import { until } from './fixtures/until.ts';

const MAIN = programPath('agent-node');
type SeenNode = { readonly online: boolean | null; readonly items: NodeReport['items'] };

t.test('two nodes of a family', async (t) => {
  const home = await startDistributionHome(t, { nodes: ['pi', 'nuc'] });
  const api = await home.logIn();
  const setUp = async (id: string, more: object): Promise<{ readonly config: string; readonly library: string }> => {
    const { body } = await api.call('POST', '/api/nodes', { node: id, groups: ['family'] });
    const { token } = body as { readonly token: string };
    const library = join(home.folder, id);
    const config = join(home.folder, `${id}.yaml`);
    const yaml = {
      id,
      library,
      manifests: { url: home.httpUrl, groups: ['family'], token },
      download: { min_free_gb: 0 },
      ...more,
    };
    await writeFile(config, stringify(yaml), { mode: 0o600 });
    return { config, library };
  };
  const film = randomBytes(2_000_000);
  await writeFile(join(home.library, 'Film (2019).mkv'), film);
  t.equal((await api.call('POST', '/seed?wait=1', { path: join(home.library, 'Film (2019).mkv') })).status, 200);
  const mqtt = { url: home.mqttUrl, username: 'pi', password: 'pi' };
  const pi = await setUp('pi', { mqtt, torrent: { listen: '127.0.0.1', port: await freePort(), patience_seconds: 20 } });
  const node = createProgram({
    name: 'node',
    args: [MAIN, '--config', pi.config],
    env: { PATH: '/usr/bin:/bin' },
    readyText: 'starting',
  });
  t.teardown(() => node[Symbol.asyncDispose]());
  await node.start();
  await until('the film on the pi', () => existsSync(join(pi.library, 'Film (2019).mkv')), {
    mostMs: 40_000,
    show: () => node.lines().slice(-5),
  });
  t.ok(film.equals(await readFile(join(pi.library, 'Film (2019).mkv'))));

  await t.test(
    'row 249: what is seeded later comes by a push, though the next poll is an hour away; a folder as well',
    async (t) => {
      const episode = randomBytes(300_000);
      await mkdir(join(home.library, 'Show', 'Season 1'), { recursive: true });
      await writeFile(join(home.library, 'Show', 'Season 1', 'e1.mkv'), episode);
      await writeFile(join(home.library, 'Show', 'Season 1', 'e2.mkv'), film);
      t.equal((await api.call('POST', '/seed?wait=1', { path: join(home.library, 'Show') })).status, 200);
      await until('the show on the pi', () => existsSync(join(pi.library, 'Show/Season 1/e2.mkv')), {
        mostMs: 40_000,
        show: () => node.lines().slice(-5),
      });
      t.ok(episode.equals(await readFile(join(pi.library, 'Show/Season 1/e1.mkv'))));
    },
  );

  await t.test('row 250: its progress is in the status API', async (t) => {
    let seen: SeenNode | undefined;
    await until(
      'the report',
      async () => {
        seen = await api.get<SeenNode>('/api/nodes/pi');
        return seen.items.length === 2 && seen.items.every(({ state }) => state === 'placed');
      },
      { show: () => seen },
    );
    t.equal(seen?.online, true);
    t.ok(
      seen?.items.every(({ seeding }) => seeding),
      'and it gives to others what it has',
    );
  });

  await t.test('rows 209, 215: another one takes it by HTTP alone, once, and leaves', async (t) => {
    const nuc = await setUp('nuc', {});
    const child = spawn(process.execPath, [MAIN, '--config', nuc.config, '--once'], {
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin' },
    });
    t.equal((await once(child, 'close'))[0], 0);
    t.ok(film.equals(await readFile(join(nuc.library, 'Film (2019).mkv'))));
    t.ok(film.equals(await readFile(join(nuc.library, 'Show/Season 1/e2.mkv'))));
  });
  t.equal(await node.stop(), 0);
});
