// All torrents of a real Deluge stop and run again; what its user had paused stays so.
import t from 'tap';
import { startDeluge } from '../../../deploy/demo/deluge/start-deluge.ts';
import { oneFileTorrent } from '../../../deploy/demo/one-file-torrent.ts';
import { systemClock } from '../../src/clock.ts';
import { patience } from '../qbittorrent/open-test-client.ts';
import { type Browser, openBrowser, openTestClient } from './open-test-client.ts';

const deluge = await startDeluge({ settings: { max_active_downloading: 2 } });
t.teardown(() => deluge[Symbol.asyncDispose]());

const stateOf = async (browser: Browser): Promise<Record<string, string>> => {
  const told = await browser('core.get_torrents_status', {}, ['name', 'state']);
  return Object.fromEntries(Object.values<{ name: string; state: string }>(told).map(({ name, state }) => [name, state]));
};
/** Deluge tells new states within a second or so. */
const until = async (
  t: { same(found: unknown, wanted: unknown): boolean },
  browser: Browser,
  wanted: Record<string, string>,
): Promise<void> => {
  const give = systemClock.monotonic() + 10_000;
  while (systemClock.monotonic() < give && JSON.stringify(sorted(await stateOf(browser))) !== JSON.stringify(sorted(wanted)))
    await systemClock.sleep(50, patience());
  t.same(await stateOf(browser), wanted);
};
const sorted = (states: Record<string, string>) => Object.entries(states).sort();

t.test('everything stops and goes on, but not what its user had paused, nor what waits in the queue', async (t) => {
  await using client = openTestClient(deluge.url);
  const browser = await openBrowser(deluge.url);
  const add = (name: string): Promise<string> =>
    browser('core.add_torrent_file', name, oneFileTorrent(name, Buffer.from(name)).metainfo, {});
  const ids = [await add('kept'), await add('one'), await add('two'), await add('three')];
  await browser('core.pause_torrents', [ids[0]]);
  const running = { kept: 'Paused', one: 'Downloading', two: 'Downloading', three: 'Queued' };
  await until(t, browser, running);
  const was = await client.pausing.running(patience());
  t.same(was, ['*', ids[3]], 'the whole of it, and what would be lost if the daemon were started anew meanwhile');
  await client.pausing.pause(was, patience());
  await until(t, browser, { kept: 'Paused', one: 'Paused', two: 'Paused', three: 'Queued' });
  t.same(await client.pausing.running(patience()), [], 'it does not run');
  await client.pausing.pause(was, patience());
  await client.pausing.resume(was, patience());
  await until(t, browser, running);
  await client.pausing.resume(was, patience());
  await until(t, browser, running);
  t.same(await client.pausing.running(patience()), was, 'twice does no harm');
});

t.test('a session that its user paused is nobody’s to start, and ids that mean nothing here do nothing', async (t) => {
  await using client = openTestClient(deluge.url);
  const browser = await openBrowser(deluge.url);
  await browser('core.pause_session');
  t.same(await client.pausing.running(patience()), []);
  await client.pausing.resume([], patience());
  await client.pausing.resume(['0'.repeat(40)], patience());
  t.equal(await browser('core.is_session_paused'), true);
  await browser('core.resume_session');
  await client.pausing.pause(['0'.repeat(40)], patience());
  t.equal(await browser('core.is_session_paused'), false);
});

t.test(
  'a daemon that restarts while it is paused runs again; what it then takes for paused goes back to the queue',
  async (t) => {
    await using client = openTestClient(deluge.url);
    const was = await client.pausing.running(patience());
    await client.pausing.pause(was, patience());
    await deluge.stopDaemon();
    await deluge.startDaemon();
    const browser = await openBrowser(deluge.url);
    await until(t, browser, { kept: 'Paused', one: 'Downloading', two: 'Downloading', three: 'Paused' });
    t.same(await client.pausing.running(patience()), ['*'], 'Deluge forgets a paused session');
    await client.pausing.resume([...was, '0'.repeat(40)], patience());
    await until(t, browser, { kept: 'Paused', one: 'Downloading', two: 'Downloading', three: 'Queued' });
  },
);
