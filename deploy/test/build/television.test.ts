// What `npm run build` makes runs a channel: the stream process lies beside the controller, and both find what they need.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { startSimulatedHome } from '../../demo/simulated-home.ts';
import { logIn } from '../end-to-end/fixtures/api.ts';

const run = promisify(execFile);
const TS_PACKET = 188;
const SYNC_BYTE = 0x47;

t.test('a channel of the built controller sends its programme', async (t) => {
  const folder = t.testdir();
  const [dist, clip, film] = [join(folder, 'dist'), join(folder, 'clip.mkv'), join(folder, 'film.mkv')];
  await run(process.execPath, [join(import.meta.dirname, '../../build/build.ts'), dist]);
  t.ok(existsSync(join(dist, 'live-process.js')));
  const sources = ['-f', 'lavfi', '-i', 'testsrc=size=160x90:rate=25', '-f', 'lavfi', '-i', 'sine=sample_rate=48000', '-t', '2'];
  await run('ffmpeg', ['-v', 'error', ...sources, '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', clip]);
  await run('ffmpeg', ['-v', 'error', '-stream_loop', '299', '-i', clip, '-c', 'copy', film]);
  await using home = await startSimulatedHome({
    bundles: dist,
    withAgent: false,
    jellyfin: { library: [{ name: 'Films', films: [{ name: 'Looped', file: film }] }] },
  });
  await home.start();
  const api = await logIn(home);
  const { libraries } = await api.get<{ libraries: readonly { id: string; name: string }[] }>('/api/jellyfin/libraries');
  const from = libraries.map(({ id, name }) => ({ library_id: id, library_name: name, collection_type: 'movies' }));
  const made = await api.call('POST', '/api/channels', { name: 'Built', libraries: from });
  t.equal(made.status, 201, made.text);
  const { id } = made.body as { readonly id: number };
  const { body } = await api.call('POST', '/api/livetv/tokens', { name: 'player' });
  const { urls } = body as { readonly urls: { readonly playlist: string } };
  const stop = new AbortController();
  const stream = await fetch(urls.playlist.replace('playlist.m3u', `${id}.ts`), { signal: stop.signal });
  t.match({ status: stream.status, type: stream.headers.get('content-type') }, { status: 200, type: 'video/mp2t' });
  const reader = stream.body?.getReader();
  const { value = new Uint8Array() } = (await reader?.read()) ?? {};
  t.same([value[0], value[TS_PACKET]], [SYNC_BYTE, SYNC_BYTE], 'transport stream packets');
  type Health = { readonly running: { readonly showing: string } | null };
  let showing: string | undefined;
  for (const end = performance.now() + 40_000; showing !== 'programme' && performance.now() < end; await wait(200)) {
    showing = (await api.get<Health>(`/api/channels/${id}/health`)).running?.showing;
    await reader?.read();
  }
  t.equal(showing, 'programme', home.controller.other());
  stop.abort();
});
