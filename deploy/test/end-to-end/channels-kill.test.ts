// Whatever is killed, viewers go on or find the channel again, and no ffmpeg is left (issue 5, ruling 1).
import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import type { Api } from './fixtures/api.ts';
import {
  type ChannelAnswer,
  enterChannelsHome,
  ffmpegsOf,
  filmLibrary,
  makeFilms,
  processesOf,
  startChannelsHome,
  startWithLeft,
  type Watching,
  watch,
} from './fixtures/channels-home.ts';
import { until } from './fixtures/until.ts';

const RANGE = `start=${new Date().toISOString()}&end=${new Date(Date.now() + 7 * 86_400_000).toISOString()}`;

/** The longest silence in so many ms; far less must be true, on a machine that has nothing else to do. */
async function longestSilence(watching: Watching, forMs: number): Promise<number> {
  const from = performance.now();
  let longest = 0;
  while (performance.now() - from < forMs) {
    longest = Math.max(longest, watching.silentMs());
    await wait(20);
  }
  return longest;
}

t.test('killing', async (t) => {
  const films = await makeFilms(t);
  const { home, api, create, token } = await startChannelsHome(t, { jellyfin: { library: [filmLibrary(films)] } });
  const { root } = await token('player');
  const noneLeft = async (): Promise<boolean> => (await ffmpegsOf(home)).length === 0;
  const show = { mostMs: 5_000, show: () => 'ffmpeg is still there' };

  await t.test('an ffmpeg, and then its Jellyfin as well: the viewer goes on', async (t) => {
    const { id } = await create({ name: 'Long', start_at: startWithLeft(38_000) });
    const watching = await watch(t, `${root}/${id}.ts`);
    await until('its programme runs', async () => (await ffmpegsOf(home)).length > 0 && watching.bytes() > 300_000);
    const kill = async (): Promise<void> => {
      for (const { pid, command } of await ffmpegsOf(home)) {
        t.ok(command.includes('http://127.0.0.1:') || command.includes(home.folder), 'it reads through our proxy');
        process.kill(pid, 'SIGKILL');
      }
    };
    await kill();
    const silent = await longestSilence(watching, 3_500);
    t.ok(silent < 3_000, `ffmpeg: ${Math.round(silent)} ms`);
    await until('another took over', async () => (await ffmpegsOf(home)).length > 0);
    await home.jellyfin.powerOff();
    await kill();
    const without = await longestSilence(watching, 3_500);
    t.ok(without < 3_000, `Jellyfin: ${Math.round(without)} ms`);
    t.notOk(watching.ended());
    await home.jellyfin.powerOn();
    await watching.stop();
    t.equal((await api.call('DELETE', `/api/channels/${id}`)).status, 204);
    await until('none of its ffmpegs is left', noneLeft, show);
  });

  let playing: ChannelAnswer | undefined;
  let before = '';
  const table = async (asked: Api) => (await asked.call('GET', `/api/schedules/channel/${playing?.id}?${RANGE}`)).text;
  const url = (): string => `${root}/${playing?.id}.ts`;

  await t.test(
    'the controller while one ffmpeg plays, one waits for its time, and one hangs on a silent source: none is left after 5 s',
    async (t) => {
      const gamma = home.jellyfin.items.find(({ name }) => name === 'Gamma')?.id ?? '';
      home.jellyfin.breakStreams({ itemId: gamma, kind: 'hang', afterBytes: 66_000 });
      const hanging = await create({ name: 'Silent', genre_filters: [{ genre: 'Comedy', content_type: 'movie' }] });
      playing = await create({ name: 'Plays', start_at: startWithLeft(14_000) });
      const watchings = await Promise.all([watch(t, url()), watch(t, `${root}/${hanging.id}.ts`)]);
      t.same(
        watchings.map(({ status }) => status),
        [200, 200],
      );
      await until('three', async () => (await ffmpegsOf(home)).filter(({ name }) => name === 'ffmpeg').length >= 3, {
        // Where planning took longer than the first film, the next boundary comes 40 s later.
        mostMs: 45_000,
        show: () => watchings.map((one) => one.bytes()),
      });
      t.ok(watchings.every((one) => !one.ended() && one.bytes() > 0));
      const children = (await processesOf(home)).map(({ name }) => name);
      t.ok(children.length >= 5, children.join());
      before = await table(api);
      await home.controller.kill();
      await until('no process of ours', async () => (await processesOf(home)).length === 0, show);
      await until('the viewers know', () => watchings.every((one) => one.ended()));
      home.jellyfin.mendStreams();
    },
  );

  await t.test('the next start: a re-tune on the same address is answered at once, on the same schedule (row 77)', async (t) => {
    await home.controller.start();
    const watching = await watch(t, url());
    t.equal(watching.status, 200);
    t.ok(watching.firstByteMs < 3_000, `${Math.round(watching.firstByteMs)} ms`);
    await until('its programme', async () => watching.bytes() > 300_000 && (await ffmpegsOf(home)).length > 0);
    const { api: again } = await enterChannelsHome(home);
    t.ok(before.length > 100_000 && (await table(again)) === before, 'the same schedule');
    const from = performance.now();
    t.equal(await home.controller.stop(), 0, 'SIGTERM');
    const tookMs = performance.now() - from;
    t.ok(tookMs < 5_000, `${Math.round(tookMs)} ms`);
    await until('no process of ours', async () => (await processesOf(home)).length === 0, show);
    await until('the viewer knows', () => watching.ended());
  });
});
