// The queue is stopped and started as a whole; a pause that its user chose is nobody else's.
import t from 'tap';
import { startSabnzbdSimulator } from '../../../deploy/demo/sabnzbd/start-sabnzbd-simulator.ts';
import { patience } from '../qbittorrent/open-test-client.ts';
import { openTestClient } from './open-test-client.ts';

const open = async () => {
  let now = 0;
  const simulator = await startSabnzbdSimulator({ now: () => now });
  const client = openTestClient(simulator.url);
  return {
    simulator,
    ...client.pausing,
    pass: (ms: number) => {
      now += ms;
    },
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
};

t.test('what runs is stopped and runs again, and doing so twice does no harm', async (t) => {
  await using sab = await open();
  const ids = await sab.running(patience());
  t.same(ids, ['*']);
  await sab.pause(ids, patience());
  await sab.pause(ids, patience());
  t.equal(sab.simulator.paused(), true);
  t.same(await sab.running(patience()), []);
  await sab.resume(ids, patience());
  await sab.resume(ids, patience());
  t.equal(sab.simulator.paused(), false);
  t.equal(sab.simulator.secretsInUrls(), 0);
});

t.test('a queue that its user paused does not run, and no ids change nothing', async (t) => {
  await using sab = await open();
  sab.simulator.user.pause();
  t.same(await sab.running(patience()), []);
  await sab.resume([], patience());
  t.equal(sab.simulator.paused(), true);
  sab.simulator.user.resume();
  await sab.pause([], patience());
  t.equal(sab.simulator.paused(), false);
});

t.test('a pause of some minutes is neither made endless nor ended early', async (t) => {
  await using sab = await open();
  sab.simulator.user.pauseFor(5);
  t.same(await sab.running(patience()), []);
  await sab.pause(['*'], patience());
  sab.pass(60_000);
  await sab.resume(['*'], patience());
  t.equal(sab.simulator.paused(), true);
  sab.pass(240_000);
  t.equal(sab.simulator.paused(), false);
});

t.test('a pause of some minutes that is chosen while we hold the queue stands until its end', async (t) => {
  await using sab = await open();
  await sab.pause(['*'], patience());
  sab.simulator.user.pauseFor(5);
  await sab.resume(['*'], patience());
  t.equal(sab.simulator.paused(), true);
  sab.pass(300_000);
  t.same(await sab.running(patience()), ['*']);
});
