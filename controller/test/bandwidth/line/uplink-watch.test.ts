// Rows 2, 66, ruling 9: what is known of the WAN, and for how long it has been silent.
import t from 'tap';
import { createUplinkWatch } from '../../../src/bandwidth/line/uplink-watch.ts';
import { M, watched } from '../fixtures/decision-input.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createTestUplink } from '../fixtures/test-uplink.ts';

const NOTHING = { torrentBps: 0, streamBps: 0, downloadBps: 0, paused: false };

t.test('silence counts from the last new sample; the same sample twice is not news', async (t) => {
  const [clock, uplink] = [createFakeClock(), createTestUplink()];
  const watch = createUplinkWatch(uplink, clock);
  uplink.say(3 * M);
  watch.sample(NOTHING);
  await clock.advance(20_000);
  watch.sample(NOTHING);
  t.equal(watch.state().silentMs, 20_000);
  uplink.say(3 * M);
  watch.sample(NOTHING);
  t.equal(watch.state().silentMs, 0);
  uplink.forget();
  t.same(watch.state().silentMs, null, 'no router at all is not a silent one');
});

t.test('row 66: a router that was heard of but says nothing is silent from the start, and never "0 used"', async (t) => {
  const [clock, uplink] = [createFakeClock(), createTestUplink()];
  const watch = createUplinkWatch(uplink, clock);
  t.match(watch.state(), { silentMs: 0, knownFromStart: true });
  await clock.advance(16_000);
  t.match(watch.state(), { silentMs: 16_000, otherBps: null });
  uplink.say(9 * M);
  watch.sample(NOTHING);
  t.equal(watch.state().otherBps, 9 * M);
  await clock.advance(600_000);
  t.equal(watch.state().otherBps, 9 * M, 'the last good value stands');
});

t.test('a router that is heard of later is silent only since then, and was not there at the start', async (t) => {
  const [clock, uplink] = [createFakeClock(), createTestUplink()];
  uplink.forget();
  const watch = createUplinkWatch(uplink, clock);
  t.match(watch.state(), { silentMs: null, knownFromStart: false });
  await clock.advance(600_000);
  uplink.say(9 * M);
  t.match(watch.state(), { silentMs: 0, knownFromStart: false }, 'no false alarm of a router that only just came');
});

t.test('what others fetch is told apart like what they send', async (t) => {
  const [clock, uplink] = [createFakeClock(), createTestUplink()];
  const watch = createUplinkWatch(uplink, clock);
  t.equal(watch.state().otherDownBps, null);
  for (let second = 0; second < 60; second += 1) {
    uplink.say(3 * M, {}, 20 * M + 50 * M * 1.06);
    watch.sample({ ...NOTHING, downloadBps: 50 * M });
    watch.starts([watched('anna', 4 * M, { startedAt: clock.monotonic() })]);
    await clock.advance(1_000);
  }
  t.equal(watch.state().otherDownBps, 20 * M, 'starts of streams do not matter to it');
  uplink.say(M, { wan: 'lte' }, 7 * M);
  watch.sample(NOTHING);
  t.equal(watch.state().otherDownBps, 7 * M);
});

t.test('another line starts anew', async (t) => {
  const [clock, uplink] = [createFakeClock(), createTestUplink()];
  const watch = createUplinkWatch(uplink, clock);
  for (let second = 0; second < 60; second += 1) {
    uplink.say(20 * M);
    watch.sample({ torrentBps: 5 * M, streamBps: 4 * M, downloadBps: 0, paused: false });
    watch.starts([watched('anna', 4 * M, { startedAt: 0 })]);
    await clock.advance(1_000);
  }
  t.equal(watch.state().otherBps, 10.7 * M);
  uplink.say(M, { wan: 'lte' });
  watch.sample(NOTHING);
  t.equal(watch.state().otherBps, M);
});
