// A stream that runs, in real time with real processes: lowered when the budget falls, seen to fall on the line, lifted when room returns. Takes minutes.
import t from 'tap';
import { logIn } from './fixtures/api.ts';
import { until } from './fixtures/until.ts';
import { startWatchedHome, watchFromOutside } from './fixtures/watched-home.ts';

type Stream = { readonly user: string; readonly cap_state: string };

t.test('lowered within 40 s of a smaller budget, less on the line, and lifted two minutes later when room is back', async (t) => {
  const { home } = await startWatchedHome(t, { upKbit: 30_000, config: { bandwidth: { restore_after: '5s' } } });
  const api = await logIn(home);
  const viewer = await watchFromOutside(home);
  const deaf = home.jellyfin.viewer({ user: 'cleo', address: '203.0.113.10', client: 'Infuse', device: 'TV', deaf: true });
  const item = home.jellyfin.items.find(({ name }) => name.startsWith('Cap Film'))?.id ?? '';
  await deaf.play(item);
  const state = async (user: string) =>
    (await api.get<readonly Stream[]>('/api/bandwidth/streams')).find((stream) => stream.user === user)?.cap_state;
  await until('both run', async () => (await state('anna')) === 'obeyed' && (await state('cleo')) === 'obeyed', {
    mostMs: 60_000,
  });
  // The players' first bursts are over.
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  const before = viewer.drawnBps();
  await api.call('POST', '/api/bandwidth/override', { minutes: 10, upload_mbps: 14 });
  const took = await until('lowered', () => viewer.state().method === 'Transcode', { mostMs: 60_000, show: viewer.state });
  t.comment(`${Math.round(took / 1_000)} s after the budget fell`);
  t.ok(took < 40_000, `${Math.round(took)} ms`);
  await until('seen to obey', async () => (await state('anna')) === 'obeyed', { mostMs: 40_000 });
  await new Promise((resolve) => setTimeout(resolve, 25_000));
  t.ok(viewer.drawnBps() < before * 0.8, `${before} to ${viewer.drawnBps()}`);
  t.equal(viewer.state().messages.length, 1);
  t.equal(deaf.state().method, 'DirectPlay', 'nobody tried that player');
  await api.call('POST', '/api/bandwidth/override', { minutes: 0, upload_mbps: 14 });
  await until('lifted', () => viewer.state().method === 'DirectPlay', { mostMs: 180_000, show: viewer.state });
  t.same([viewer.state().negotiations, viewer.state().restartedAtZero], [3, 0]);
});
