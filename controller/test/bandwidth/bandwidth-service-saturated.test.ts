// The feature beside a router that says its queue is full, on a fake clock.
import t from 'tap';
import { M, playing } from './fixtures/decision-input.ts';
import { openMemoryHome } from './fixtures/memory-home.ts';

const UTC = 1_800_000_000_000;
const film = playing('anna', { startedAt: UTC, nominalBps: 8 * M });

t.test('the same turn in which the router says so has torrents make room; one that says nothing waits for means', async (t) => {
  const ended = async (saturated: boolean | null) => {
    await using home = await openMemoryHome();
    home.play(film);
    await home.pass(90, 11.8 * M);
    const before = home.bandwidth.status().decision?.torrentTotalBps;
    home.uplink.say(31.8 * M);
    await home.clock.advance(1_000);
    home.uplink.say(31.8 * M, { saturated });
    await home.clock.advance(50);
    const { decision } = home.bandwidth.status();
    return { made: Number(before) - Number(decision?.torrentTotalBps), reason: decision?.reason };
  };
  const full = await ended(true);
  t.ok(full.made > 15 * M, `${full.made} bit/s of room`);
  t.match(full.reason, /The line is saturated/);
  t.same((await ended(null)).made, 0);
});

t.test('viewers give way after torrents, and get it back once, not up and down', async (t) => {
  await using home = await openMemoryHome();
  home.play(film);
  await home.pass(90, 11.8 * M);
  const capOf = () => home.limits.get('ben');
  const calm = Number(capOf());
  home.uplink.say(31.8 * M, { saturated: true });
  await home.pass(3, 31.8 * M);
  t.equal(capOf(), calm, 'a start that is not seen yet could be behind it');
  await home.pass(8, 31.8 * M);
  t.ok(Number(capOf()) <= calm - 19 * M, `${capOf()} of ${calm}`);
  const seen: unknown[] = [capOf()];
  for (let second = 0; second < 300; second += 1) {
    home.uplink.say(11.8 * M, { saturated: second < 60 && second % 5 === 0 });
    await home.pass(1, 11.8 * M);
    if (seen.at(-1) !== capOf()) seen.push(capOf());
  }
  t.equal(seen.at(-1), calm);
  t.ok(seen.length <= 3, `${seen.length - 1} changes: ${seen.join(', ')}`);
});

t.test(
  'a player that starts and fills its buffer cuts nobody: all caps are what they would be on a line that is not full',
  async (t) => {
    const capsOf = async (saturated: boolean) => {
      await using home = await openMemoryHome();
      home.play(film);
      await home.pass(90, 11.8 * M);
      const seen: string[] = [];
      const look = (): void => void seen.push(JSON.stringify([...home.limits]));
      home.uplink.say(38 * M, { saturated });
      for (let second = 0; second < 20; second += 1) {
        // Direct play is heard of after a second, a transcode after up to 4.5 s.
        if (second === 4) home.play(film, playing('ben', { startedAt: UTC + 91_000, nominalBps: 4 * M }));
        await home.pass(1, 38 * M);
        look();
      }
      return seen;
    };
    t.same(await capsOf(true), await capsOf(false));
  },
);
