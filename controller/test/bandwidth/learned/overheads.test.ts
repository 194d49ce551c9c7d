// What was learned is used after five minutes of playing, kept over a restart, and bounded.
import t from 'tap';
import { createOverheads, type Overheads } from '../../../src/bandwidth/learned/overheads.ts';
import type { WatchedStream } from '../../../src/bandwidth/watched-streams.ts';
import { silentLog } from '../../../src/log.ts';
import { M, playing, watched } from '../fixtures/decision-input.ts';
import { openMemoryHome } from '../fixtures/memory-home.ts';

const anna = watched('anna', 8 * M, { startedAt: 0 });
const of = (client: string): WatchedStream => ({ ...anna, stream: playing('anna', { client }) });

function storeOf(lessons: ReadonlyMap<string, readonly number[]> = new Map()) {
  const saved = new Map<string, readonly number[]>();
  return { saved, store: { lessons, save: async (kind: string, list: readonly number[]) => void saved.set(kind, list) } };
}

/** So many half minutes of one film at `factor`, after one of quiet. */
function play(overheads: Overheads, watchedStream: WatchedStream, factors: readonly number[], from: number): number {
  let at = from;
  const second = (wanBps: number, streams: readonly WatchedStream[]): void => {
    overheads.hear({ at, wanBps, torrentBps: 0, capacityBps: null, streams });
    at += 1_000;
  };
  for (let i = 0; i <= 30; i += 1) second(0, []);
  for (const factor of factors) for (let i = 0; i <= 30; i += 1) second(8 * M * factor, [watchedStream]);
  return at;
}

t.test('not before ten half minutes; then half and three quarters of them are what is told', async (t) => {
  const { store, saved } = storeOf();
  const overheads = createOverheads({ store, log: silentLog });
  const at = play(overheads, anna, [1.1, 1.1, 1.1, 1.1, 1.1, 1.3, 1.3, 1.3, 1.3], 100_000);
  t.equal(overheads.of(anna), null);
  t.equal(overheads.wireBps(anna), 8 * M);
  play(overheads, anna, [1.5], at);
  const told = overheads.of(anna);
  t.equal(told?.lessons, 10);
  t.ok(Math.abs((told?.typical ?? 0) - 1.3) < 0.01 && Math.abs((told?.high ?? 0) - 1.3) < 0.01);
  t.ok(Math.abs(overheads.wireBps(anna) - 10.4 * M) < 0.1 * M);
  t.equal(overheads.of(of('TV')), null, 'another client is another matter');
  t.equal(saved.get('Web|direct')?.length, 10);
});

t.test('what was kept is known at once; the newest half hour counts; kinds are bounded', async (t) => {
  const many = new Map<string, number[]>([...Array(200)].map((_, i) => [`client ${i}|direct`, [1]]));
  const { store } = storeOf(new Map([...many].slice(1)).set('Web|direct', Array(60).fill(1.9)));
  const overheads = createOverheads({ store, log: silentLog });
  t.equal(overheads.of(anna)?.high, 1.9);
  const at = play(overheads, anna, Array(60).fill(1.2), 100_000);
  t.ok(Math.abs((overheads.of(anna)?.high ?? 0) - 1.2) < 0.01);
  play(overheads, of('One more'), Array(12).fill(1.2), at);
  t.equal(overheads.of(of('One more')), null);
  t.equal(overheads.all().size, 1);
});

t.test('in a home: a film that draws 1.4 times its rate is counted so, also after a restart', async (t) => {
  await using home = await openMemoryHome({}, ['anna', 'ben']);
  await home.pass(40, 0.2 * M);
  const film = playing('anna', { startedAt: home.clock.now() });
  home.play(film);
  await home.pass(480, 0.2 * M + 11.2 * M);
  const running = () => home.bandwidth.status().decision?.runningBps ?? 0;
  t.ok(Math.abs(running() - 11.2 * M) < 0.3 * M, `${running()}`);
  t.ok((home.bandwidth.status().uplink.otherBps ?? 9e9) < M, 'and is nobody else’s');
  await home.kill();
  await home.start();
  home.play(film);
  await home.pass(3, 0.2 * M + 11.2 * M);
  t.ok(Math.abs(running() - 11.2 * M) < 0.3 * M);
});
