// Row 71, "no duplicates": the same thing is told once, and what flaps is told as it is in the end.
import t from 'tap';
import { judge, overdue, type RepeatMemory, remember, rememberedFrom } from '../../src/notify/gather-repeats.ts';
import type { Details, Happened, Notification } from '../../src/notify/notification.ts';

const MIN = 60_000;
const NOON = Date.UTC(2026, 10, 21, 12);

const event = (type: string, details: Details = {}, text = type): Happened => ({ type, severity: 'info', text, details });
const silent = (neighbour: string): Happened =>
  event('neighbour_silent', { kind: 'media_server', neighbour, state: 'unreachable' });
const back = (neighbour: string): Happened => event('neighbour_back', { kind: 'media_server', neighbour, state: 'live' });

/** What is told, as `minute type+repeats`. */
function home(windowMs = 15 * MIN, first: RepeatMemory = new Map()) {
  let memory = first;
  let ids = 0;
  const told: string[] = [];
  const said: string[] = [];
  const look = (minute: number): void => {
    const now = NOON + minute * MIN;
    for (const { event: late, verdict } of overdue(memory, { now, windowMs })) {
      ids += 1;
      memory = remember(memory, late, verdict, { id: `${ids}`, now });
      told.push(`${minute} ${late.type}+${verdict.repeats}`);
    }
  };
  return {
    told,
    /** As automations hear it. */
    said,
    memory: () => memory,
    look,
    at(minute: number, ...events: readonly Happened[]) {
      look(minute);
      const now = NOON + minute * MIN;
      for (const one of events) {
        const verdict = judge(memory, one, { now, windowMs });
        if (verdict.kind === 'new') ids += 1;
        memory = remember(memory, one, verdict, { id: `${ids}`, now });
        if (verdict.kind === 'new') told.push(`${minute} ${one.type}+${verdict.repeats}`);
        if (verdict.kind !== 'repeat' || !verdict.isSameState) said.push(`${minute} ${one.type}`);
      }
    },
  };
}

t.test('beginning and end are told at once, each once', async (t) => {
  const { at, told } = home();
  at(0, event('high_demand_began', { wanted_bps: 1 }));
  at(1, event('high_demand_began', { wanted_bps: 2 }));
  at(70, event('high_demand_began', { wanted_bps: 3 }));
  at(80, event('high_demand_ended'), event('high_demand_ended'));
  at(200, event('high_demand_began'));
  t.same(told, ['0 high_demand_began+0', '80 high_demand_ended+0', '200 high_demand_began+0']);
});

t.test('a server that flaps is told as down and as back, then as what it is when the time is over', async (t) => {
  const { at, told, said } = home();
  for (const minute of [0, 2, 4, 6, 8]) at(minute, silent('main'), back('main'));
  at(10, silent('main'));
  at(14);
  t.same(told, ['0 neighbour_silent+0', '0 neighbour_back+0']);
  at(15);
  at(30);
  t.same(told.slice(2), ['15 neighbour_silent+4'], 'it is down, and came and went meanwhile');
  t.equal(said.length, 11, 'automations are told each change');
});

t.test('one that flaps and is as it was told in the end is not told again', async (t) => {
  const { at, told } = home();
  at(0, silent('main'));
  at(1, back('main'));
  at(3, silent('main'));
  at(4, back('main'));
  at(60);
  t.same(told, ['0 neighbour_silent+0', '1 neighbour_back+0']);
  at(61, silent('main'));
  t.equal(told.at(-1), '61 neighbour_silent+1');
});

t.test('each subject is for itself', async (t) => {
  const { at, told } = home();
  at(0, silent('main'), silent('cinema'), event('router_stale', { router: 'a' }), event('router_stale', { router: 'b' }));
  at(1, event('cap_ignored', { viewer: 'main/anna', client: 'TV', over_bps: 1 }));
  at(2, event('cap_ignored', { viewer: 'main/anna', client: 'TV', over_bps: 2 }));
  at(3, event('cap_ignored', { viewer: 'main/ben', client: 'TV', over_bps: 1 }));
  t.equal(told.length, 6);
});

t.test('of a type that nothing is known of, only the very same is the same, and only for a time', async (t) => {
  const { at, told, said } = home();
  at(0, event('seed_failed', {}, 'Film A'));
  at(1, event('seed_failed', {}, 'Film B'));
  at(2, event('seed_failed', {}, 'Film A'));
  at(16, event('seed_failed', {}, 'Film A'));
  t.same(told, ['0 seed_failed+0', '1 seed_failed+0', '16 seed_failed+1']);
  t.equal(said.length, 4);
});

t.test('after a restart it is known what was told', async (t) => {
  const kept = (id: string, minute: number, one: Happened, subject: string): Notification => ({
    ...{ ...one, id, subject, at: NOON + minute * MIN, repeats: 0 },
  });
  const before = home();
  before.at(0, event('high_demand_began'), silent('main'));
  before.at(5, back('main'));
  const subjects = [...before.memory().keys()];
  const memory = rememberedFrom([
    kept('1', 0, event('high_demand_began'), subjects[0] ?? ''),
    kept('2', 0, silent('main'), subjects[1] ?? ''),
    kept('3', 5, back('main'), subjects[1] ?? ''),
  ]);
  const after = home(15 * MIN, memory);
  after.at(40, event('high_demand_began'));
  after.at(41, back('main'));
  t.same([after.told, after.said], [[], []], 'the beginning stands, and so does the end');
  after.at(42, event('high_demand_ended'), silent('main'));
  t.same(after.told, ['42 high_demand_ended+0', '42 neighbour_silent+0']);
});

t.test('a clock that is set back holds nothing up', async (t) => {
  const { at, told } = home();
  at(600, silent('main'));
  at(601, back('main'));
  at(0, silent('main'));
  t.same(told.at(-1), '0 neighbour_silent+0');
});

t.test('what is remembered is bounded', async (t) => {
  const { at, memory } = home();
  for (let i = 0; i < 2_000; i += 1) at(i, event('seed_failed', {}, `Film ${i}`));
  t.equal(memory().size, 500);
});
