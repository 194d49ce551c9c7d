// What of a sink's queue is due, and what a message says.
import t from 'tap';
import type { Notification, Severity } from '../../src/notify/notification.ts';
import { heldIn, messageFor, planDelivery, type Queued } from '../../src/notify/plan-delivery.ts';

const NOW = Date.UTC(2026, 10, 21, 22, 30);
const MIN = 60_000;
const RULES = { mostPerMinute: 3, keepMs: 60 * MIN, afterQuiet: 'summary' } as const;
const MOMENT = { now: NOW, isQuiet: false, restMs: 0, sentAgoMs: [] };

const note = (id: string, change: Partial<Notification> = {}): Notification => ({
  ...{ id, at: NOW - MIN, type: 'neighbour_back', severity: 'info', text: `text of ${id}`, details: {}, subject: id, repeats: 0 },
  ...change,
});
const queued = (id: string, change: Partial<Queued> = {}, severity: Severity = 'info'): Queued => ({
  ...{ notification: note(id, { severity }), queuedAt: NOW - MIN, isHeld: false, kept: Promise.resolve() },
  ...change,
});
const ids = (queue: readonly Queued[]): string[] => queue.map(({ notification }) => notification.id);

t.test('one after the other, oldest first', async (t) => {
  const step = planDelivery([queued('a'), queued('b')], MOMENT, RULES);
  t.match(step, { kind: 'send' });
  t.same(step.kind === 'send' && ids(step.queued), ['a']);
  t.match(planDelivery([], MOMENT, RULES), { kind: 'wait' });
});

t.test('a sink that rests is left alone, and so is one that got as many as it may in a minute', async (t) => {
  t.same(planDelivery([queued('a')], { ...MOMENT, restMs: 4_000 }, RULES), { kind: 'wait', ms: 4_000 });
  t.same(planDelivery([queued('a')], { ...MOMENT, sentAgoMs: [50_000, 20_000, 10] }, RULES), { kind: 'wait', ms: 10_000 });
  t.match(planDelivery([queued('a')], { ...MOMENT, sentAgoMs: [60_000, 20_000, 10] }, RULES), { kind: 'send' });
});

t.test('what is too old is lost, what quiet hours held is not', async (t) => {
  const old = queued('old', { queuedAt: NOW - 61 * MIN });
  const step = planDelivery([old, queued('new')], MOMENT, RULES);
  t.same(step.kind === 'lose' && ids(step.queued), ['old']);
  const held = queued('held', { queuedAt: NOW - 9 * 60 * MIN, isHeld: true });
  t.match(planDelivery([held], MOMENT, RULES), { kind: 'send' });
});

t.test('in quiet hours only errors go, also past what was waiting before', async (t) => {
  const queue = heldIn([queued('a'), queued('b', {}, 'warning'), queued('c', {}, 'error')], true);
  t.same(
    queue.map(({ isHeld }) => isHeld),
    [true, true, false],
  );
  const step = planDelivery(queue, { ...MOMENT, isQuiet: true }, RULES);
  t.same(step.kind === 'send' && ids(step.queued), ['c']);
  t.match(planDelivery(queue.slice(0, 2), { ...MOMENT, isQuiet: true }, RULES), { kind: 'wait', ms: 15_000 });
});

t.test('after quiet hours: one summary, or each for itself', async (t) => {
  const queue = [queued('a', { isHeld: true }), queued('b', { isHeld: true }), queued('c')];
  const summary = planDelivery(queue, MOMENT, RULES);
  t.same(summary.kind === 'send' && ids(summary.queued), ['a', 'b']);
  const each = planDelivery(queue, MOMENT, { ...RULES, afterQuiet: 'hold' });
  t.same(each.kind === 'send' && ids(each.queued), ['a']);
});

t.test('a message says how often it happened, and what was lost', async (t) => {
  const clockAt = (): string => '23:29';
  const one = queued('a', { notification: note('a', { type: 'neighbour_silent', repeats: 2, text: 'Main is silent.' }) });
  t.match(messageFor([one], 1, clockAt), {
    id: 'a',
    title: 'Server down',
    text: 'Main is silent.\n2 more times since it was last told.\n1 older message was lost.',
    repeats: 2,
    lost: 1,
  });
  t.match(messageFor([queued('a')], 0, clockAt), { text: 'text of a' });
  t.equal(messageFor([], 0, clockAt), null);
});

t.test('a summary has the times of the home, the newest lines, and the same id at each attempt', async (t) => {
  const many = Array.from({ length: 25 }, (_, i) => queued(`n${i}`, { isHeld: true }, i === 3 ? 'warning' : 'info'));
  const message = messageFor(many, 0, () => '23:29');
  t.match(message, { id: 'n24-summary', type: 'summary', severity: 'warning', title: 'While it was quiet: 25 events' });
  const lines = message?.text.split('\n') ?? [];
  t.equal(lines[0], '5 more before that.');
  t.equal(lines[1], '23:29 text of n5');
  t.equal(lines.length, 21);
});
