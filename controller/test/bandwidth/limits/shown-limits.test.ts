// What the user's hands set is seen to be respected: own limits, edits while we run, the server's own limit, and speed modes.
import t from 'tap';
import { viewBandwidth } from '../../../src/bandwidth/bandwidth-view.ts';
import { M } from '../fixtures/decision-input.ts';
import { capped, film } from '../fixtures/home-views.ts';
import { openHome, type Run } from '../fixtures/real-home.ts';
import { waitUntil } from '../fixtures/wait-until.ts';

const shown = ({ bandwidth }: Run, name: string) => {
  const view = viewBandwidth(bandwidth.status(), Date.now()).viewers.find((viewer) => viewer.name === name);
  return view && [view.limit_bps, view.original_bps, view.applies_bps];
};

t.test('a user’s own limit, ours, an edit by hand, and a 0 that falls through to the server’s', async (t) => {
  const users = [{ name: 'anna', limitBps: 60 * M }, { name: 'ben' }, { name: 'carl', limitBps: 5 * M }];
  await using home = await openHome({ jellyfin: { users, serverLimitBps: 70 * M } });
  const run = await home.start();
  await capped(home, 32.5 * M, 'anna', 'ben');
  await waitUntil('ours, over each', () => shown(run, 'anna')?.join() === `${32.5 * M},${60 * M},${32.5 * M}`);
  await waitUntil('and where there was none', () => shown(run, 'ben')?.join() === `${32.5 * M},0,${32.5 * M}`);
  t.same(shown(run, 'carl'), [5 * M, 5 * M, 5 * M], 'tighter than ours, so it stays');
  await run.bandwidth.change({ enabled: false }, 'test');
  await waitUntil('all is theirs', () => shown(run, 'ben')?.join() === `0,0,${70 * M}`);
  t.same(shown(run, 'anna'), [60 * M, 60 * M, 60 * M]);
});

t.test('of a download client what it goes back to, in the mode that holds', async (t) => {
  await using home = await openHome();
  const run = await home.start();
  const viewer = home.jellyfin.viewer({ user: 'anna' });
  await viewer.play(film(home.jellyfin));
  const client = () => viewBandwidth(run.bandwidth.status(), Date.now()).torrent_clients[0];
  home.torrents.edit({ use_alt_speed_limits: true, alt_up_limit: 9_000 * 1024 });
  await waitUntil('the other mode', () => client()?.mode === 'alternative' && client()?.original_bps === 9_000 * 1024 * 8);
  home.torrents.edit({ use_alt_speed_limits: false });
  await waitUntil('the first again', () => client()?.mode === 'normal');
  t.equal(client()?.original_bps, 2_500 * 1024 * 8);
});
