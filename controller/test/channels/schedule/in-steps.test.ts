// Long plannings make room for others: they come in steps, and what comes out does not depend on the pauses.
import t from 'tap';
import { atOnce, sortInSteps } from '../../../src/channels/schedule/in-steps.ts';
import { planInSteps, planSchedule } from '../../../src/channels/schedule/plan-schedule.ts';
import { reflow, reflowInSteps } from '../../../src/channels/schedule/reflow.ts';
import { unhurried } from '../../../src/channels/unhurried.ts';
import { seededRandom } from '../../fixtures/seeded-random.ts';
import { episodes, films, HOUR, MONDAY, planInput } from './fixtures/made-up-catalogue.ts';
import { manual } from './fixtures/random-channel.ts';

const input = planInput({ items: [...films(30, 95), ...episodes('a', 3, 12)] });

t.test('while a channel is planned others have their turn, and the plan is the same', async (t) => {
  const atOncePlanned = planSchedule(input);
  let turns = 0;
  let over = false;
  const other = (): void => {
    turns += 1;
    if (!over) setImmediate(other);
  };
  other();
  const plan = await unhurried(planInSteps(input));
  over = true;
  t.same(plan, atOncePlanned);
  t.ok(turns >= plan.entries.length / 25, `${turns} turns of others during ${plan.entries.length} entries`);
});

t.test('a change re-flows in steps too', async (t) => {
  const { entries: old, memory } = planSchedule(input);
  const change = { ...input, memory, old, fixed: [manual(MONDAY + HOUR, MONDAY + 2 * HOUR)] };
  let steps = 0;
  const counted = function* () {
    const inner = reflowInSteps(change);
    for (let step = inner.next(); ; step = inner.next()) {
      if (step.done) return step.value;
      steps += 1;
      yield;
    }
  };
  t.same(await unhurried(counted()), reflow(change));
  t.ok(steps > 3, `${steps} steps`);
  t.same(atOnce(reflowInSteps(change)), reflow(change));
});

t.test('what goes wrong in a step is told', async (t) => {
  // biome-ignore lint/correctness/useYield: it fails before.
  const failing = function* (): Generator<undefined, never> {
    throw new Error('no plan');
  };
  await t.rejects(unhurried(failing()), /no plan/);
});

t.test('sorting in steps is sorting, stable, whatever the length', (t) => {
  const random = seededRandom(7);
  for (const length of [0, 1, 999, 1_000, 1_001, 5_500]) {
    const list = Array.from({ length }, (_, place) => ({ key: Math.floor(random() * 300), place }));
    const sorted = list.toSorted((a, b) => a.key - b.key);
    atOnce(sortInSteps(list, (a, b) => a.key - b.key));
    t.same(list, sorted);
  }
  const many = Array.from({ length: 20_000 }, () => random());
  t.ok([...sortInSteps(many, (a, b) => a - b)].length >= 20, 'with pauses');
  t.end();
});
