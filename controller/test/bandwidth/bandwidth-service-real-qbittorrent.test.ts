// Rows 177, 178, 189, 202: the whole feature with the real qbittorrent-nox.
import t from 'tap';
import { hasQbittorrent, startQbittorrent } from '../../../deploy/demo/qbittorrent/start-qbittorrent.ts';
import { film } from './fixtures/home-views.ts';
import { openHome } from './fixtures/real-home.ts';
import { waitUntil } from './fixtures/wait-until.ts';

const password = 'a-real-password';

t.test(
  'rows 177, 178, 189, 202: a real qbittorrent-nox is limited while someone watches, and gets its own limit back',
  { skip: (await hasQbittorrent()) ? false : 'qbittorrent-nox is not installed' },
  async (t) => {
    await using qbittorrent = await startQbittorrent({ password, uploadLimitKiB: 700, alternativeUploadLimitKiB: 50 });
    await using home = await openHome({ torrentsAt: { url: qbittorrent.url, password } });
    const run = await home.start({
      restoreAfterMs: 300,
      torrentClients: { qbit: { whileStreamingBps: 4_096_000, whenIdleBps: null, weight: 1 } },
    });
    const limitOf = () => run.bandwidth.status().torrentClients[0]?.reading?.uploadLimitBps;
    await waitUntil('read', () => limitOf()?.normal === 700 * 8_192);
    const viewer = home.jellyfin.viewer({ user: 'anna' });
    await viewer.play(film(home.jellyfin));
    await waitUntil(
      () => `limited: ${JSON.stringify(limitOf())}`,
      () => limitOf()?.normal === 500 * 8_192,
    );
    t.equal(limitOf()?.alternative, 50 * 8_192, '500 KiB/s = 512,000 B/s, and the other mode is untouched');
    await viewer.leave();
    await waitUntil('back', () => limitOf()?.normal === 700 * 8_192);
    // What is written is read back before it counts as given back.
    await waitUntil('only the three users are still held', () => run.limits.held().length === 3);
  },
);
