// "Why", now and then: the decision that stands, or the kept one that held at a moment.
import t, { type Test } from 'tap';
import { decideCaps, NOTHING_DECIDED } from '../../../src/bandwidth/decide-caps.ts';
import type { Decision, DecisionInput } from '../../../src/bandwidth/decision.ts';
import { createDecisionStore, type DecisionTables } from '../../../src/bandwidth/decision-store.ts';
import { type Decided, numbersOf } from '../../../src/bandwidth/explain/decision-numbers.ts';
import { createExplainer } from '../../../src/bandwidth/explain/explainer.ts';
import { packNumbers } from '../../../src/bandwidth/explain/pack-numbers.ts';
import { recordDecision } from '../../../src/bandwidth/record-decision.ts';
import { systemClock } from '../../../src/clock.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { openDatabase } from '../../../src/database/open-database.ts';
import { silentLog } from '../../../src/log.ts';
import { input, M, viewer, watched } from '../fixtures/decision-input.ts';

const START = 1_800_000_000_000;
const PEOPLE = ['anna', 'ben'];

/** Decides and keeps what changed, as the service does. */
async function openHistory(t: Test) {
  const database = await openDatabase({ path: t.testdir(), clock: systemClock, log: silentLog, migrations });
  t.teardown(() => database[Symbol.asyncDispose]());
  const store = createDecisionStore(database.tables<DecisionTables>());
  let [memory, before] = [NOTHING_DECIDED, null as Decision | null];
  let decided: Decided | null = null;
  let count = 0;
  const writes: Promise<void>[] = [];
  const at = { now: START };
  const explainer = createExplainer({
    decided: () => decided,
    decisions: store,
    nameOf: (name) => PEOPLE.map((one) => `main/${one}`).find((one) => one.toLowerCase() === name.toLowerCase()) ?? null,
    clock: { now: () => at.now },
  });
  return {
    explainer,
    store,
    async decide(seconds: number, change: Partial<DecisionInput>): Promise<void> {
      at.now = START + seconds * 1_000;
      const given = input({ now: 1_000_000 + seconds * 1_000, utcNow: at.now, ...change });
      const next = decideCaps(given, memory);
      const whole: Decided = { input: given, ...next, isFirst: before === null };
      recordDecision({
        ...{
          before,
          decision: next.decision,
          input: given,
          utcNow: at.now,
          id: () => `d-${count++}`,
          log: silentLog,
          tell: () => {},
        },
        numbers: () => packNumbers(numbersOf(whole)),
        store: { add: (row) => writes[writes.push(store.add(row)) - 1] ?? Promise.resolve() },
      });
      [memory, before, decided] = [next.memory, next.decision, whole];
      await Promise.all(writes);
    },
    restart(): void {
      [memory, before, decided] = [NOTHING_DECIDED, null, null];
    },
  };
}

t.test('now: the decision that stands, also where nothing of it was kept; letter case does not count', async (t) => {
  const { explainer, decide } = await openHistory(t);
  await t.rejects(explainer.explainViewer('main/anna', null), { code: 'not_found', message: /Nothing was decided yet/ });
  await decide(0, {});
  await decide(5, { otherBps: 3.1 * M });
  const { at, until, explanation, numbers } = await explainer.explainViewer('MAIN/Anna', null);
  t.match([at, until, explanation.viewer], [START + 5_000, null, 'main/anna']);
  t.equal(numbers.budget?.other, 3.1 * M, 'the numbers of this second, though no cap moved');
  await t.rejects(explainer.explainViewer('main/nobody', null), { code: 'not_found', message: /"main\/nobody" is no user/ });
  t.equal((await explainer.explainClient('qbit', null)).explanation.client, 'qbit');
  await t.rejects(explainer.explainClient('nobody', null), { code: 'not_found' });
});

t.test('then: the decision that held at that moment, with what it was made from', async (t) => {
  const { explainer, decide } = await openHistory(t);
  await decide(0, {});
  await decide(100, { streams: [watched('anna', 8 * M)] });
  await decide(400, { streams: [watched('anna', 8 * M), watched('ben', 12 * M)], otherBps: 6 * M });
  const then = async (seconds: number, name = 'main/anna') => await explainer.explainViewer(name, START + seconds * 1_000);
  t.match(await then(50), {
    at: START,
    until: START + 100_000,
    endedByRestart: false,
    explanation: { basis: 'standing', capBps: 32.5 * M },
  });
  t.match(await then(100), { at: START + 100_000, explanation: { basis: 'share' } });
  t.match(await then(399.999), { at: START + 100_000, until: START + 400_000 });
  const last = await then(400, 'main/ben');
  t.match(last, { until: null, explanation: { basis: 'share' } });
  const now = await explainer.explainViewer('main/ben', null);
  t.same(last.explanation, now.explanation, 'what was kept tells the same as what stands');
  t.match((await explainer.explainClient('qbit', START + 150_000)).explanation.upload, { capBps: 25 * M });
});

t.test('before the first, after now, by an earlier version, over a restart: each is said', async (t) => {
  const { explainer, decide, restart, store } = await openHistory(t);
  await t.rejects(explainer.explainViewer('main/anna', START), { code: 'not_found', message: 'No decision is kept yet' });
  await store.add({ id: 'old', at: START - 3_600_000, mode: 'idle', reason: '', detail: {} });
  await t.rejects(explainer.explainViewer('main/anna', START - 7_200_000), {
    code: 'not_found',
    message: /^The oldest decision that is kept is of 2027-/,
  });
  await t.rejects(explainer.explainViewer('main/anna', START - 60_000), {
    code: 'not_found',
    message: /without its numbers, by an earlier version/,
  });
  await decide(0, {});
  await t.rejects(explainer.explainViewer('main/anna', START + 1), {
    code: 'input_invalid',
    message: /^query\.at: lies in the future/,
  });
  restart();
  await decide(600, {});
  t.match(await explainer.explainViewer('main/anna', START + 10_000), { endedByRestart: true, until: START + 600_000 });
});

t.test('one of hundreds who watched then, and was not kept by name, is told so', async (t) => {
  const { explainer, decide } = await openHistory(t);
  const crowd = Array.from({ length: 100 }, (_, i) => `user-${i}`);
  await decide(0, {
    viewers: [...crowd, ...PEOPLE].map((name) => viewer(name)),
    streams: [...crowd, ...PEOPLE].map((name) => watched(name, M / 10)),
  });
  t.match((await explainer.explainViewer('main/ben', null)).explanation, { basis: 'share' });
  await t.rejects(explainer.explainViewer('main/ben', START), {
    code: 'not_found',
    message: /^42 viewers had limits of their own .* not kept/,
  });
});
