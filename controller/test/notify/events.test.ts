// What happened goes out over MQTT as the protocol says, and into the log where it is worth a line.
import { createTypedLink, decode, topics } from '@headgate/protocol';
import t from 'tap';
import type { BandwidthEvent } from '../../src/bandwidth/bandwidth-event.ts';
import { silentLog } from '../../src/log.ts';
import { createEvents, EVENT_TYPES } from '../../src/notify/events.ts';
import { createFakeClock } from '../fixtures/fake-clock.ts';
import { createMemoryBroker } from '../fixtures/memory-broker.ts';

const open = () => {
  const broker = createMemoryBroker();
  const lines: string[] = [];
  const log = {
    ...silentLog,
    warn: (_: object, text: string) => void lines.push(`warn ${text}`),
    error: (_: object, text: string) => void lines.push(`error ${text}`),
  };
  const tell = createEvents({
    link: createTypedLink(broker, 'headgate', () => {}),
    clock: createFakeClock(),
    log,
    notice: () => true,
  });
  return { broker, lines, tell };
};

t.test('an event is said once, not retained, as the protocol reads it', async (t) => {
  const { broker, lines, tell } = open();
  tell({ type: 'safe_plan', severity: 'warning', text: 'The router is silent.', details: { from: 'streaming', to: 'safe' } });
  await new Promise((resolve) => setImmediate(resolve));
  const [sent, ...rest] = broker.sent;
  t.same(rest, []);
  t.match(sent, { topic: 'headgate/event', retain: false });
  const event = decode('headgate/event', topics.event.schema, new TextEncoder().encode(sent?.payload));
  t.match(event, { event_type: 'safe_plan', severity: 'warning', at: '2026-11-21T06:00:00.000Z' });
  t.same(lines, ['warn The router is silent.']);
});

t.test('what is only good to know makes no warning', async (t) => {
  const { lines, tell } = open();
  tell({ type: 'caps_changed', severity: 'info', text: 'x', details: {} });
  tell({ type: 'storage_damaged', severity: 'error', text: 'y', details: {} });
  t.same(lines, ['error y']);
});

t.test('a broker that is away is no error', async (t) => {
  const { broker, tell } = open();
  broker.setConnected(false);
  tell({ type: 'caps_changed', severity: 'info', text: 'x', details: {} });
  await new Promise((resolve) => setImmediate(resolve));
  t.same(broker.sent, []);
});

t.test('Home Assistant knows each type that the features tell', async (t) => {
  const told: Record<BandwidthEvent['type'], true> = {
    caps_changed: true,
    hand_edit_kept: true,
    originals_restored: true,
    restore_incomplete: true,
    safe_plan: true,
    safe_plan_over: true,
    neighbour_silent: true,
    neighbour_back: true,
    high_demand_began: true,
    high_demand_ended: true,
    cap_ignored: true,
    router_stale: true,
    router_back: true,
  };
  for (const type of [...Object.keys(told), 'storage_damaged']) t.ok(EVENT_TYPES.includes(type), type);
});
