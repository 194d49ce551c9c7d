// That everything is back as its user had it is told: at the end of an episode, after a stop, after a crash, and once.
import t from 'tap';
import { NOTHING_HELD, watchOriginals } from '../../../src/bandwidth/alarms/originals-alarm.ts';
import { M, playing } from '../fixtures/decision-input.ts';
import { type MemoryHome, openMemoryHome } from '../fixtures/memory-home.ts';

const restored = ({ events }: MemoryHome): readonly string[] =>
  events.filter(({ type }) => type === 'originals_restored').map(({ text }) => text);

t.test('with caps for those who stream only: five minutes after all is back, and not at each pause', async (t) => {
  await using home = await openMemoryHome({ apply: 'active' });
  const anna = () => playing('anna', { nominalBps: 20 * M, startedAt: home.clock.now() });
  await home.pass(20);
  home.play(anna());
  await home.pass(60);
  t.ok(home.bandwidth.status().held > 0);
  home.play();
  // Everything is back after a minute, and she comes back after five.
  await home.pass(300);
  t.equal(home.bandwidth.status().held, 0);
  home.play(anna());
  await home.pass(60);
  t.same(restored(home), []);
  home.play();
  await home.pass(500);
  t.match(restored(home), [/^Everything is again as its user had it: \d limits?\.$/]);
  await home.pass(600);
  t.equal(restored(home).length, 1);
  await home.stop();
  t.equal(restored(home).length, 1, 'and a stop with nothing held has nothing to tell');
});

t.test('a stop tells it at once, and so does the operator who switches it off', async (t) => {
  await using home = await openMemoryHome();
  await home.pass(20);
  await home.bandwidth.change({ enabled: false }, 'test');
  await home.pass(5);
  t.match(restored(home), [/^Everything is again as its user had it/]);
  await home.bandwidth.change({ enabled: true }, 'test');
  await home.pass(20);
  t.ok(home.bandwidth.status().held > 0);
  await home.stop();
  t.equal(restored(home).length, 2);
});

t.test('after a crash the next start tells what was left, once it is back', async (t) => {
  await using home = await openMemoryHome();
  await home.pass(20);
  const { held } = home.bandwidth.status();
  t.equal(held, 2, 'two users; nobody watches, so torrents go on as they were');
  await home.kill();
  t.same(restored(home), []);
  await home.start();
  await home.pass(30);
  t.same(restored(home), [`What an earlier run had left behind is again as its user had it: ${held} limits.`]);
  await home.pass(120);
  t.equal(restored(home).length, 1);
});

t.test('what is left of an earlier run counts whole, however slowly it comes back', async (t) => {
  let memory = { ...NOTHING_HELD, left: 5 };
  const events = [4, 2, 2, 0, 0].flatMap((left, i) => {
    const looked = watchOriginals({ held: left + 3, left, holdMs: 0, now: i * 1_000 }, memory);
    memory = looked.memory;
    return looked.event === null ? [] : [looked.event];
  });
  t.match(events, [{ details: { count: 5, left_by: 'an earlier run' } }]);
  t.equal(events.length, 1);
});
