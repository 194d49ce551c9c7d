// What a Deluge tells of its rates, while two of them really move bytes: in bit/s, under the limit that was set, and nothing while it is paused.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import { oneFileTorrent } from '../../../deploy/demo/one-file-torrent.ts';
import { systemClock } from '../../src/clock.ts';
import { listen, patience } from '../qbittorrent/open-test-client.ts';
import { openBrowser, openTestClient } from './open-test-client.ts';

const film = randomBytes(4 * 2 ** 20); // twenty seconds at the limit below

t.test('rates are told in bit/s, on both sides of a transfer, and end when it is paused', async (t) => {
  await using seed = await startDeluge({ settings: { max_upload_speed: 200, ignore_limits_on_local_network: false } });
  await using peer = await startDeluge();
  const [seeding, fetching] = [await openBrowser(seed.url), await openBrowser(peer.url)];
  await writeFile(join(seed.configDir, 'downloads', 'film.bin'), film);
  const { metainfo } = oneFileTorrent('film.bin', film);
  const id = await seeding('core.add_torrent_file', 'film', metainfo, {});
  await fetching('core.add_torrent_file', 'film', metainfo, {});
  while ((await seeding('core.get_torrent_status', id, ['state'])).state !== 'Seeding') await systemClock.sleep(50, patience());
  await seeding('core.connect_peer', id, '127.0.0.1', await fetching('core.get_listen_port'));

  const limitBps = 200 * 8_192;
  await using sends = openTestClient(seed.url);
  await using takes = openTestClient(peer.url);
  await using sent = listen(sends);
  await using taken = listen(takes);
  await eventually(() => (sent.readings.at(-1)?.uploadBps ?? 0) > limitBps / 10);
  await eventually(() => (taken.readings.at(-1)?.downloadBps ?? 0) > limitBps / 10);
  const most = Math.max(...sent.readings.map(({ uploadBps }) => uploadBps));
  t.ok(most < limitBps * 2, `${most}`);
  t.equal(sent.readings.at(-1)?.limitsLanPeers, true);
  await sends.pausing.pause(await sends.pausing.running(patience()), patience());
  await eventually(() => sent.readings.at(-1)?.uploadBps === 0);
  t.ok(sent.readings.every(({ uploadBps }) => Number.isInteger(uploadBps)));
});

/** Two strangers take some seconds to begin. */
const eventually = async (holds: () => boolean): Promise<void> => {
  const signal = patience();
  while (!holds()) await systemClock.sleep(20, signal);
};
