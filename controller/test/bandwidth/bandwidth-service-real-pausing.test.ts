// A real qbittorrent-nox is stopped while somebody watches, and exactly what ran runs again, also after a SIGKILL and a restart.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import { addTinyTorrent } from '../../../deploy/demo/qbittorrent/tiny-torrent.ts';
import { M, SETTINGS } from './fixtures/decision-input.ts';
import { film } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

t.test(
  'what ran is stopped and runs again; what its user had stopped stays so, though Headgate is killed meanwhile and qBittorrent restarts',
  { skip: (await hasQbittorrent()) ? false : 'qbittorrent-nox is not installed' },
  async (t) => {
    await using qbittorrent = await startQbittorrent({ password: null });
    const { url } = qbittorrent;
    const ran = [await addTinyTorrent(url, 'alpha'), await addTinyTorrent(url, 'bravo')].sort();
    const resting = await addTinyTorrent(url, 'charl', { stopped: true });
    const named = async (filter: 'resumed' | 'paused'): Promise<readonly string[]> => {
      const answer = await fetch(`${url}/api/v2/torrents/info?filter=${filter}`);
      return ((await answer.json()) as { readonly hash: string }[]).map(({ hash }) => hash).sort();
    };
    await using home = await openHome({ torrentsAt: { url, password: 'not asked for' } });
    const settings = { restoreAfterMs: 300, torrents: { ...SETTINGS.torrents, pauseBelowBps: 1_000 * M } };
    const first = await home.start(settings);
    const viewer = home.jellyfin.viewer({ user: 'anna' });
    await viewer.play(film(home.jellyfin));
    await waitUntil('all are stopped', async () => (await named('resumed')).length === 0);
    await first.crash();
    t.same(await named('resumed'), [], 'the kill starts nothing');
    await qbittorrent.stop();
    await qbittorrent.start();
    await viewer.leave();
    const second = await home.start(settings);
    await waitUntil('they run again', async () => (await named('resumed')).length === ran.length);
    t.same([await named('resumed'), await named('paused')], [ran, [resting]]);
    await viewer.play(film(home.jellyfin));
    await waitUntil('stopped again', async () => (await named('resumed')).length === 0);
    await second.stop();
    t.same([await named('resumed'), await named('paused')], [ran, [resting]], 'a stop of Headgate starts them');
  },
);
