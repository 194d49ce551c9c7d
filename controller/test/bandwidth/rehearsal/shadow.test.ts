// A shadow policy beside the one that rules: it differs, says so, and nothing of it reaches a neighbour.
import t from 'tap';
import { builtInAllocators } from '../../../src/bandwidth/allocators/built-in.ts';
import { createOnlooker } from '../../../src/bandwidth/rehearsal/create-onlooker.ts';
import type { Overrides } from '../../../src/bandwidth/rehearsal/other-settings.ts';
import { createShadow, type Shadow } from '../../../src/bandwidth/rehearsal/shadow.ts';
import { type Log, silentLog } from '../../../src/log.ts';
import { M, playing } from '../fixtures/decision-input.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { openMemoryHome } from '../fixtures/memory-home.ts';
import { spendRestlessTime } from './fixtures/recorded-home.ts';
import { turnAt } from './fixtures/turns.ts';

const shadowOf = (overrides: Overrides, log: Log = silentLog): Shadow =>
  createShadow({ overrides, allocators: builtInAllocators, log });
const USERS = ['anna', 'ben', 'cleo', 'dora'];

/** What is written in the same restless time, and the home after it. */
async function writesOf(overrides: Overrides | null, dryRun: boolean) {
  const shadow = overrides === null ? null : shadowOf(overrides);
  const onlooker = () => createOnlooker(null, shadow);
  await using home = await openMemoryHome({ capacityUpBps: 30 * M, dryRun }, USERS, { clock: createFakeClock(), onlooker });
  await spendRestlessTime(home, 400, 11);
  const status = home.bandwidth.status();
  await home.stop();
  return { status, writes: home.writes.map(({ target, bps }) => `${target} ${bps}`), asked: { ...home.asked } };
}

t.test('gap 10: with a shadow that would have it otherwise, the same is asked and written as without one', async (t) => {
  const [without, beside] = [await writesOf(null, false), await writesOf({ capacityUpBps: 8 * M, algorithm: 'equal' }, false)];
  t.ok(without.writes.length > 20, `${without.writes.length} writes`);
  t.same(beside.writes, without.writes);
  t.same(beside.asked, without.asked);
  t.equal(without.status.rehearsal, null);
  const shadow = beside.status.rehearsal?.shadow;
  t.ok((shadow?.differences ?? 0) > 0 && (shadow?.differingMs ?? 0) > 10_000, 'it differed');
  t.match(shadow?.last?.reason ?? '', /8\.0 Mbit\/s less/);
  t.notMatch(shadow?.last?.liveReason ?? '', /8\.0 Mbit\/s less/);
});

t.test('while what rules only rehearses, a shadow that would cap everybody writes nothing at all', async (t) => {
  const { writes, status } = await writesOf(
    { capacityUpBps: M, apply: 'standing', torrents: { limitDownloads: 'always' } },
    true,
  );
  t.same(writes, []);
  t.ok(status.rehearsal?.shadow?.decision?.viewers.every(({ capBps }) => capBps !== null));
});

t.test('a shadow with the same settings never differs', async (t) => {
  const { status } = await writesOf({ algorithm: undefined }, false);
  t.match(status.rehearsal?.shadow, { differences: 0, differingMs: 0, last: null, problem: null });
});

t.test('what it says: since when, how often, and the newest moment with both reasons', async (t) => {
  const shadow = shadowOf({ reserve: { percent: 80 } });
  t.equal(shadow.state(), null, 'nothing before the first turn');
  for (let second = 0; second < 21; second += 1) shadow.turn(turnAt(second));
  const state = shadow.state();
  t.match(state, { turns: 21, since: turnAt(0).input.utcNow, differs: true, problem: null });
  t.match(state?.last, { what: /main\/anna: .* Mbit\/s → .* Mbit\/s/ });
  t.equal(state?.differingMs, 20_000);
});

t.test('a shadow that cannot decide says so once, and touches nothing', async (t) => {
  const lines: string[] = [];
  const log: Log = { ...silentLog, warn: (_, text) => void lines.push(text) };
  const broken = () => {
    throw new Error('no idea');
  };
  const shadow = createShadow({ overrides: { algorithm: 'broken' }, allocators: { ...builtInAllocators, broken }, log });
  for (let second = 3; second < 7; second += 1) t.doesNotThrow(() => shadow.turn(turnAt(second)));
  t.equal(lines.length, 1);
  t.equal(shadow.state()?.problem, 'no idea');
  shadow.turn(turnAt(7));
  t.equal(shadow.state()?.problem, null, 'a turn that needs no sharing is decided again');
});

t.test('the caps of the shadow are its own, those at the server are of what rules', async (t) => {
  const shadow = shadowOf({ maxPerViewerBps: 3 * M });
  await using home = await openMemoryHome({ capacityUpBps: 30 * M }, USERS, { onlooker: () => createOnlooker(null, shadow) });
  home.play(playing('anna'));
  await home.pass(20);
  const caps = new Map(shadow.state()?.decision?.viewers.map(({ name, capBps }) => [name, capBps]));
  t.equal(caps.get('anna'), 3 * M);
  t.ok((home.limits.get('anna') ?? 0) > 3 * M);
});
