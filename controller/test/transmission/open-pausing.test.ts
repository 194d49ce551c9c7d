// The real 3.00 with real torrents: what ran is stopped and started again, and nothing else is touched.
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { hasTransmission, startTransmission } from '../../../deploy/demo/transmission/start-transmission.ts';
import { systemClock } from '../../src/clock.ts';
import { patience } from '../qbittorrent/open-test-client.ts';
import { addSeed } from './add-seed.ts';
import { type Browser, openBrowser, openTestClient } from './open-test-client.ts';

const skip = !(await hasTransmission()) && 'transmission-daemon is not installed';
const [STOPPED, SEEDING] = [0, 6];
const CHECKING = [1, 2];

const statuses = async (browser: Browser): Promise<Record<string, number>> => {
  const { torrents } = await browser('torrent-get', { fields: ['name', 'status'] });
  return Object.fromEntries(torrents.map(({ name, status }: { name: string; status: number }) => [name, status]));
};
const until = async (browser: Browser, wanted: Record<string, number>): Promise<void> => {
  const give = systemClock.monotonic() + 20_000;
  for (;;) {
    const seen = await statuses(browser);
    if (Object.entries(wanted).every(([name, status]) => seen[name] === status)) return;
    if (systemClock.monotonic() > give)
      throw new Error(`not within 20 s: ${JSON.stringify(wanted)}; last: ${JSON.stringify(seen)}`);
    await systemClock.sleep(25, patience());
  }
};

t.test('what runs is stopped and started again; what its user had stopped stays so', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  t.same(await client.pausing.running(patience()), []);
  const first = await addSeed(browser, { ...daemon, name: 'first' });
  const second = await addSeed(browser, { ...daemon, name: 'second' });
  await addSeed(browser, { ...daemon, name: 'stopped', paused: true });
  await until(browser, { first: SEEDING, second: SEEDING, stopped: STOPPED });
  const ran = await client.pausing.running(patience());
  t.same([...ran].sort(), [first, second].sort());
  await client.pausing.pause(ran, patience());
  t.same(await statuses(browser), { first: STOPPED, second: STOPPED, stopped: STOPPED }, 'stopped when it says so');
  t.same(await client.pausing.running(patience()), []);
  await client.pausing.resume([...ran, 'f'.repeat(40)], patience());
  t.same(await statuses(browser), { first: SEEDING, second: SEEDING, stopped: STOPPED });
});

t.test('no ids are not all of them; one that is gone, unknown or runs already is no error', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  const here = await addSeed(browser, { ...daemon, name: 'here' });
  const gone = await addSeed(browser, { ...daemon, name: 'gone' });
  await addSeed(browser, { ...daemon, name: 'stopped', paused: true });
  await until(browser, { here: SEEDING, gone: SEEDING, stopped: STOPPED });
  await client.pausing.pause([], patience());
  await client.pausing.resume([], patience());
  await browser('torrent-remove', { ids: [gone] });
  await client.pausing.resume([here, gone], patience());
  t.same(await statuses(browser), { here: SEEDING, stopped: STOPPED });
  const many = Array.from({ length: 2_500 }, () => randomBytes(20).toString('hex'));
  await client.pausing.pause([...many, gone, here], patience());
  t.same(await statuses(browser), { here: STOPPED, stopped: STOPPED }, 'in batches');
  await client.pausing.resume([...many, gone, here], patience());
  t.same(await statuses(browser), { here: SEEDING, stopped: STOPPED });
});

t.test('a resume right after a pause that was given up still wins: the daemon stops late', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  const hash = await addSeed(browser, { ...daemon, name: 'seed' });
  for (let round = 0; round < 3; round += 1) {
    await until(browser, { seed: SEEDING });
    const stop = new AbortController();
    const pausing = client.pausing.pause([hash], stop.signal);
    setTimeout(() => stop.abort(), 15 * round);
    await pausing.catch((error: unknown) => t.match(error, { name: 'AbortError' }));
    await client.pausing.resume([hash], patience());
    await systemClock.sleep(600, patience());
    t.same(await statuses(browser), { seed: SEEDING });
  }
});

t.test(
  'one whose files are being checked is not touched: a start would start it though its user had stopped it',
  { skip },
  async (t) => {
    await using daemon = await startTransmission();
    const browser = openBrowser(daemon.url);
    await using client = openTestClient(daemon.url);
    const hash = await addSeed(browser, { ...daemon, name: 'big', content: randomBytes(100_000_000), paused: true });
    t.ok(CHECKING.includes((await statuses(browser))['big'] ?? -1), 'a new one is checked first');
    t.same(await client.pausing.running(patience()), []);
    await until(browser, { big: STOPPED });
    await browser('torrent-start', { ids: [hash] });
    t.same(await client.pausing.running(patience()), [hash]);
  },
);

t.test('paused torrents stay paused over a restart of the daemon, and their ids still fit', { skip }, async (t) => {
  await using daemon = await startTransmission();
  const browser = openBrowser(daemon.url);
  await using client = openTestClient(daemon.url);
  await addSeed(browser, { ...daemon, name: 'seed' });
  await until(browser, { seed: SEEDING });
  const ran = await client.pausing.running(patience());
  await client.pausing.pause(ran, patience());
  await daemon.stop();
  await daemon.start();
  t.same(await statuses(browser), { seed: STOPPED });
  await client.pausing.resume(ran, patience());
  await until(browser, { seed: SEEDING });
});
