// Downloads while somebody watches, in a home with torrents and Usenet: limited, given back, and hand edits kept.
import t from 'tap';
import type { TorrentSettings } from '../../src/bandwidth/settings.ts';
import { M, playing, SETTINGS } from './fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from './fixtures/memory-home.ts';

const KIB = 8_192;
const inKib = (bps: number): number => Math.floor(bps / KIB) * KIB;

async function openHome(torrents: Partial<TorrentSettings> = {}): Promise<MemoryHome> {
  const settings = { torrents: { ...SETTINGS.torrents, limitDownloads: 'streaming' as const, ...torrents } };
  const home = await openMemoryHome(settings, ['anna'], { usenet: true });
  Object.assign(home.torrents, { down: 100 * KIB * 1_000, downAlt: 50 * KIB });
  Object.assign(home.usenet, { down: -1 });
  return home;
}
const film = (home: MemoryHome) => playing('anna', { startedAt: home.clock.now() });
const downs = ({ torrents, usenet }: MemoryHome) => [torrents.down, torrents.downAlt, usenet.down, usenet.downAlt];

t.test('limited by what the WAN has left, given back after restore_after, in each client’s own words', async (t) => {
  await using home = await openHome();
  await home.pass(90, 3 * M, 20 * M);
  t.equal(home.bandwidth.status().uplink.otherDownBps, 20 * M);
  t.same(
    home.writes.filter(({ target }) => !target.startsWith('user')),
    [],
  );
  home.play(film(home));
  await home.pass(2, 3 * M, 20 * M);
  t.same(downs(home), [inKib(80 * M), 50 * KIB, inKib(80 * M), 0], '160 Mbit/s by two');
  t.equal(home.bandwidth.status().decision?.downloadTotalBps, 160 * M);
  home.play();
  await home.pass(62, 3 * M, 20 * M);
  t.same(downs(home), [100 * KIB * 1_000, 50 * KIB, -1, 0]);
});

t.test(
  'what the clients fetch themselves is nobody else’s: a download at full speed does not shrink its own limit',
  async (t) => {
    await using home = await openHome();
    await home.pass(90, 3 * M, 20 * M);
    home.play(film(home));
    await home.pass(2, 3 * M, 20 * M);
    for (let second = 0; second < 300; second += 1) {
      home.torrents.downloadBps = home.torrents.down * 0.95;
      home.usenet.downloadBps = home.usenet.down * 0.95;
      await home.pass(1, 3 * M, 20 * M + (home.torrents.downloadBps + home.usenet.downloadBps) * 1.06);
    }
    const { otherDownBps } = home.bandwidth.status().uplink;
    t.ok(Math.abs((otherDownBps ?? 0) - 20 * M) < M, String(otherDownBps));
    t.ok(home.writes.filter(({ target }) => target === 'usenet down').length <= 3);
  },
);

t.test('a hand edit of a download limit is the new original; a stop and a SIGKILL put it back', async (t) => {
  await using home = await openHome({ limitDownloads: 'always' });
  await home.pass(3);
  home.usenet.down = 40 * KIB;
  await home.pass(3);
  t.match(
    home.events.filter(({ type }) => type === 'hand_edit_kept'),
    [{ details: { target: 'sab (download)', to_bps: 40 * KIB } }],
  );
  await home.pass(95);
  await home.kill();
  t.equal(home.torrents.down, inKib(180 * M - 40 * KIB), 'a kill puts nothing back; what the hand left goes to the other');
  await home.start();
  await home.pass(3);
  await home.stop();
  t.same(downs(home), [100 * KIB * 1_000, 50 * KIB, 40 * KIB, 0]);
});

t.test('never: no download limit is written, whoever watches', async (t) => {
  await using home = await openHome({ limitDownloads: 'never' });
  home.play(film(home));
  await home.pass(90, 3 * M, 100 * M);
  t.same(
    home.writes.filter(({ target }) => target.includes('down')),
    [],
  );
});

t.test('a client that cannot be heard keeps its part for 15 min: it may well go on', async (t) => {
  await using home = await openHome({ share: 'activity' });
  home.torrents.downloadBps = 50 * M;
  home.usenet.downloadBps = 50 * M;
  home.play(film(home));
  await home.pass(5, 3 * M, 100 * M);
  t.equal(home.usenet.down, inKib(90 * M));
  home.torrentHealth('unreachable');
  await home.pass(880, 3 * M, 100 * M);
  t.equal(home.usenet.down, inKib(90 * M));
  await home.pass(270, 3 * M, 50 * M);
  t.equal(home.usenet.down, inKib(171 * M));
});
